import type { MetadataRow } from "@monotreme/storage";

/** How often a description that does not change is written again, so that readers can tell it from a dead one. */
const REFRESH_MS = 6 * 3_600_000;

/** Metrics of which an entry is remembered; a process that sees more writes some of them more often. */
const MAX_ENTRIES = 100_000;

/** Which descriptions of metrics were written lately; bounded, the oldest entry goes first. */
export class MetadataCache {
  readonly #now: () => number;
  readonly #writtenAtMs = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Remembers the description; true where it should be written. */
  add(row: MetadataRow): boolean {
    const key = JSON.stringify([row.tenant, row.metric, row.type, row.unit, row.help]);
    const writtenAtMs = this.#writtenAtMs.get(key);
    if (writtenAtMs !== undefined && this.#now() - writtenAtMs < REFRESH_MS) return false;
    this.#writtenAtMs.delete(key);
    this.#writtenAtMs.set(key, this.#now());
    if (this.#writtenAtMs.size > MAX_ENTRIES) {
      const [oldest] = this.#writtenAtMs.keys();
      if (oldest !== undefined) this.#writtenAtMs.delete(oldest);
    }
    return true;
  }
}
