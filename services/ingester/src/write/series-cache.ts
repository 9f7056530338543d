/** Words a slot: the two of the series id, and one mixed from metric id and day. */
const SLOT_WORDS = 3;
const FIRST_SLOTS = 1024;
const DAY_MIX = 0x9e3779b1;

/** The 64-bit series id as words, the low word of its metric's id, and the day. */
export interface SeriesKey {
  readonly seriesIdLow: number;
  readonly seriesIdHigh: number;
  readonly metricIdLow: number;
  readonly day: number;
}

/**
 * Which series are known to be in the index for which day: two open-addressing tables of 12-byte slots, so a series
 * costs 16–48 bytes. It never grows beyond its bound: when the younger table is full, the older one is forgotten, and
 * what is forgotten is merely written to the index once more. Not for concurrent threads.
 */
export class SeriesCache {
  readonly #maxPerTable: number;
  #young = new SlotTable();
  #old = new SlotTable();

  constructor(maxSeries: number) {
    this.#maxPerTable = Math.max(1, Math.floor(maxSeries / 2));
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Remembers the series; true where it was not known. */
  add(key: SeriesKey): boolean {
    const mixed = (key.metricIdLow ^ Math.imul(key.day, DAY_MIX)) >>> 0;
    if (this.#young.has(key.seriesIdLow, key.seriesIdHigh, mixed)) return false;
    // A series still in use moves to the younger table, so that only unused ones are forgotten.
    const wasKnown = this.#old.has(key.seriesIdLow, key.seriesIdHigh, mixed);
    if (this.#young.size >= this.#maxPerTable) {
      this.#old = this.#young;
      this.#young = new SlotTable();
    }
    this.#young.add(key.seriesIdLow, key.seriesIdHigh, mixed);
    return !wasKnown;
  }
}

/** A set of three-word keys; a slot of zeros is empty, and the key of zeros has a flag of its own. */
class SlotTable {
  #slots = new Uint32Array(FIRST_SLOTS * SLOT_WORDS);
  #slotCount = FIRST_SLOTS;
  #size = 0;
  #holdsZero = false;

  get size(): number {
    return this.#size;
  }

  has(a: number, b: number, c: number): boolean {
    if ((a | b | c) === 0) return this.#holdsZero;
    return this.#isTaken(this.#find(a, b, c));
  }

  add(a: number, b: number, c: number): void {
    if ((a | b | c) === 0) {
      if (!this.#holdsZero) this.#size++;
      this.#holdsZero = true;
      return;
    }
    if (this.#size * 2 >= this.#slotCount) this.#grow();
    const at = this.#find(a, b, c);
    if (this.#isTaken(at)) return;
    this.#put(at, a, b, c);
    this.#size++;
  }

  /** Where the key is, or the empty slot where it belongs. Ids are hashes already, so their bits are the position. */
  #find(a: number, b: number, c: number): number {
    const mask = this.#slotCount - 1;
    for (let slot = (a ^ c) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * SLOT_WORDS;
      const isHere = this.#slots[at] === a >>> 0 && this.#slots[at + 1] === b >>> 0 && this.#slots[at + 2] === c >>> 0;
      if (isHere || !this.#isTaken(at)) return at;
    }
  }

  #isTaken(at: number): boolean {
    return ((this.#slots[at] ?? 0) | (this.#slots[at + 1] ?? 0) | (this.#slots[at + 2] ?? 0)) !== 0;
  }

  #put(at: number, a: number, b: number, c: number): void {
    this.#slots[at] = a;
    this.#slots[at + 1] = b;
    this.#slots[at + 2] = c;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slotCount *= 2;
    this.#slots = new Uint32Array(this.#slotCount * SLOT_WORDS);
    for (let at = 0; at < old.length; at += SLOT_WORDS) {
      const a = old[at] ?? 0;
      const b = old[at + 1] ?? 0;
      const c = old[at + 2] ?? 0;
      if ((a | b | c) !== 0) this.#put(this.#find(a, b, c), a, b, c);
    }
  }
}
