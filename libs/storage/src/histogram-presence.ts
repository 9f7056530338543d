import type { ClickHouse } from "@monotreme/clickhouse";

/** As long as a look-up of series serves: new histograms wait no longer than this. */
const FRESH_MS = 500;
/** Where there are histograms, asking whether there still are some is worth little. */
const REMEMBERED_MS = 60_000;

/**
 * Whether the store has any native histograms: where it has none, selectors need no statement to find that out. One
 * question serves all selectors of half a second; the answer "yes" is safe however old it is.
 */
export class HistogramPresence {
  readonly #ask: () => Promise<boolean>;
  readonly #now: () => number;
  #answer: Promise<boolean> | undefined;
  #freshUntilMs = -Infinity;

  constructor(ask: () => Promise<boolean>, now: () => number = Date.now) {
    this.#ask = ask;
    this.#now = now;
  }

  /** Never rejects: where the question fails there may be some. */
  async mayHaveAny(): Promise<boolean> {
    if (this.#answer === undefined || this.#now() >= this.#freshUntilMs) {
      this.#freshUntilMs = this.#now() + FRESH_MS;
      this.#answer = this.#ask().then(
        (hasAny) => {
          if (hasAny) this.#freshUntilMs = this.#now() + REMEMBERED_MS;
          return hasAny;
        },
        () => true,
      );
    }
    return this.#answer;
  }
}

/** Asks a ClickHouse, for all tenants together. */
export function createHistogramPresence(clickhouse: ClickHouse): HistogramPresence {
  return new HistogramPresence(async () => {
    for await (const block of clickhouse.selectNative("SELECT toUInt16(1) AS found FROM histograms LIMIT 1")) {
      if (block.rowCount > 0) return true;
    }
    return false;
  });
}
