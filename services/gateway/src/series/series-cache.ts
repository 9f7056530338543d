/** Words of an entry: hash (2), metric id (2), series id (2), tenant and partition (16 bits each), day state. */
const ENTRY_WORDS = 8;
const INITIAL_SLOTS = 4096;
const MAX_LOAD = 0.7;

/** What the last word of an entry says: 0 is an empty slot, then never announced, then the day plus 2. */
const NEVER_ANNOUNCED = 1;
const DAY_OFFSET = 2;

export const MAX_PARTITIONS = 1 << 16;
export const MAX_TENANTS = 1 << 16;

/** What the cache knows of a series: its ids, its partition and the last day on which it was announced. */
export interface CachedSeries {
  metricIdLow: number;
  metricIdHigh: number;
  seriesIdLow: number;
  seriesIdHigh: number;
  partition: number;
  /** Days since 1970-01-01; -1 where no announcement was acknowledged yet. */
  announcedDay: number;
}

export interface SeriesCacheOptions {
  /** At most this many series are remembered, in 46 to 92 bytes each. */
  readonly maxSeries: number;
  /** Called when the older half was forgotten. */
  readonly onRotate: () => void;
}

/**
 * Remembers series by tenant and the hash of their raw label bytes, in typed arrays. Two generations bound it: when the
 * young one holds half of `maxSeries`, the old one is forgotten and the young one becomes old; a series found in the
 * old one moves to the young. What is forgotten is only announced again.
 */
export class SeriesCache {
  readonly #options: SeriesCacheOptions;
  readonly #youngLimit: number;
  #young = new Table(INITIAL_SLOTS);
  #old = new Table(INITIAL_SLOTS);

  constructor(options: SeriesCacheOptions) {
    this.#options = options;
    this.#youngLimit = Math.max(1, Math.floor(options.maxSeries / 2));
  }

  /** Entries in both generations. */
  get size(): number {
    return this.#young.count + this.#old.count;
  }

  /** Fills `found` and returns true where the series is known. */
  find(tenant: number, hashLow: number, hashHigh: number, found: CachedSeries): boolean {
    if (this.#young.read(tenant, hashLow, hashHigh, found)) return true;
    if (!this.#old.read(tenant, hashLow, hashHigh, found)) return false;
    this.insert(tenant, hashLow, hashHigh, found);
    return true;
  }

  /** Remembers a series that `find` did not know. */
  insert(tenant: number, hashLow: number, hashHigh: number, series: CachedSeries): void {
    if (this.#young.count >= this.#youngLimit) {
      this.#old = this.#young;
      this.#young = new Table(INITIAL_SLOTS);
      this.#options.onRotate();
    }
    if (this.#young.isFull) this.#young = this.#young.doubled();
    this.#young.write(tenant, hashLow, hashHigh, series);
  }

  /** Notes that the series' announcement for a day is durable; does nothing where it was forgotten meanwhile. */
  markAnnounced(tenant: number, hashLow: number, hashHigh: number, day: number): void {
    if (this.#young.setDay(tenant, hashLow, hashHigh, day)) return;
    this.#old.setDay(tenant, hashLow, hashHigh, day);
  }

  clear(): void {
    this.#young = new Table(INITIAL_SLOTS);
    this.#old = new Table(INITIAL_SLOTS);
  }
}

/** Open addressing with linear probing; entries are never removed one by one. */
class Table {
  count = 0;
  readonly #slots: number;
  readonly #words: Uint32Array;

  constructor(slots: number) {
    this.#slots = slots;
    this.#words = new Uint32Array(slots * ENTRY_WORDS);
  }

  get isFull(): boolean {
    return this.count >= this.#slots * MAX_LOAD;
  }

  read(tenant: number, hashLow: number, hashHigh: number, found: CachedSeries): boolean {
    const words = this.#words;
    const at = this.#locate(tenant, hashLow, hashHigh);
    const dayState = words[at + 7] ?? 0;
    if (dayState === 0) return false;
    found.metricIdLow = words[at + 2] ?? 0;
    found.metricIdHigh = words[at + 3] ?? 0;
    found.seriesIdLow = words[at + 4] ?? 0;
    found.seriesIdHigh = words[at + 5] ?? 0;
    found.partition = (words[at + 6] ?? 0) & 0xffff;
    found.announcedDay = dayState - DAY_OFFSET;
    return true;
  }

  write(tenant: number, hashLow: number, hashHigh: number, series: CachedSeries): void {
    const words = this.#words;
    const at = this.#locate(tenant, hashLow, hashHigh);
    if (words[at + 7] === 0) this.count++;
    words[at] = hashLow;
    words[at + 1] = hashHigh;
    words[at + 2] = series.metricIdLow;
    words[at + 3] = series.metricIdHigh;
    words[at + 4] = series.seriesIdLow;
    words[at + 5] = series.seriesIdHigh;
    words[at + 6] = (tenant << 16) | series.partition;
    words[at + 7] = series.announcedDay < 0 ? NEVER_ANNOUNCED : series.announcedDay + DAY_OFFSET;
  }

  setDay(tenant: number, hashLow: number, hashHigh: number, day: number): boolean {
    const at = this.#locate(tenant, hashLow, hashHigh);
    if (this.#words[at + 7] === 0) return false;
    this.#words[at + 7] = day + DAY_OFFSET;
    return true;
  }

  doubled(): Table {
    const larger = new Table(this.#slots * 2);
    const words = this.#words;
    for (let at = 0; at < words.length; at += ENTRY_WORDS) {
      if (words[at + 7] === 0) continue;
      const target = larger.#locate((words[at + 6] ?? 0) >>> 16, words[at] ?? 0, words[at + 1] ?? 0);
      larger.#words.set(words.subarray(at, at + ENTRY_WORDS), target);
    }
    larger.count = this.count;
    return larger;
  }

  /** Where the entry is, or the empty slot where it would go. */
  #locate(tenant: number, hashLow: number, hashHigh: number): number {
    const words = this.#words;
    const low = hashLow >>> 0;
    const high = hashHigh >>> 0;
    const mask = this.#slots - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = slot * ENTRY_WORDS;
      if (words[at + 7] === 0) return at;
      if (words[at] === low && words[at + 1] === high && (words[at + 6] ?? 0) >>> 16 === tenant) return at;
    }
  }
}
