import type { ClickHouse } from "@monotreme/clickhouse";
import { type BlockCatalog, blockHistories, type BlockRecord, readSampleParts } from "@monotreme/storage";
import { type CatalogState, unfoldedWindows } from "./plan.ts";

/** Records are read again from so long before the last look on, for clocks that differ and inserts under way. */
const OVERLAP_MS = 120_000;
/** Everything is read again now and then, because records may also be removed. */
const WHOLE_EVERY_MS = 3_600_000;

/** The catalog and the parts of `samples`, brought up to date by small statements. One caller at a time. */
export class CatalogView {
  readonly #clickhouse: ClickHouse;
  readonly #catalog: BlockCatalog;
  #records = new Map<string, BlockRecord>();
  #readMs = -Infinity;
  #wholeMs = -Infinity;
  #unfoldedSince = new Map<number, number>();

  constructor(clickhouse: ClickHouse, catalog: BlockCatalog) {
    this.#clickhouse = clickhouse;
    this.#catalog = catalog;
  }

  /** The state as it is now. */
  async refresh(signal: AbortSignal): Promise<CatalogState> {
    // Parts first: one that is folded in and dropped meanwhile is missed by nobody.
    const { parts, serverNowMs } = await readSampleParts(this.#clickhouse, { signal });
    await this.#readRecords(serverNowMs, signal);
    const histories = blockHistories([...this.#records.values()]);
    this.#noteUnfolded(unfoldedWindows({ parts, histories }).keys(), serverNowMs);
    return { nowMs: serverNowMs, parts, histories, unfoldedSince: this.#unfoldedSince };
  }

  async #readRecords(serverNowMs: number, signal: AbortSignal): Promise<void> {
    const isWhole = serverNowMs - this.#wholeMs >= WHOLE_EVERY_MS;
    const request = isWhole ? { signal } : { updatedSinceMs: this.#readMs - OVERLAP_MS, signal };
    const records = await this.#catalog.read(request);
    if (isWhole) {
      this.#records = new Map();
      this.#wholeMs = serverNowMs;
    }
    for (const record of records) {
      this.#records.set(`${record.resolutionMs}/${record.startMs}/${record.generation}`, record);
    }
    this.#readMs = serverNowMs;
  }

  #noteUnfolded(windows: Iterable<number>, nowMs: number): void {
    const since = new Map<number, number>();
    for (const startMs of windows) since.set(startMs, this.#unfoldedSince.get(startMs) ?? nowMs);
    this.#unfoldedSince = since;
  }
}
