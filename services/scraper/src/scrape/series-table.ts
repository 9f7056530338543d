const INITIAL_CAPACITY = 16;

/** Bits of `SeriesTable.flags`. */
export const SERIES_FLAG = {
  /** Survived metric relabelling; the others are only counted. */
  kept: 1,
  /** Another slot of the target stands for the same series. */
  duplicate: 2,
  /** Has a sample stored that a stale marker has to follow when the series ends. */
  live: 4,
  /** Breaks a limit or has no valid name: as long as the target shows it, its scrapes fail. */
  faulty: 8,
} as const;

/**
 * What the scraper keeps of each series of one target, as columns by slot: 22 bytes a series. Labels are not kept; they
 * are derived again from the last body when they are needed.
 */
export class SeriesTable {
  metricIdLow = new Uint32Array(INITIAL_CAPACITY);
  metricIdHigh = new Uint32Array(INITIAL_CAPACITY);
  seriesIdLow = new Uint32Array(INITIAL_CAPACITY);
  seriesIdHigh = new Uint32Array(INITIAL_CAPACITY);
  partitions = new Uint16Array(INITIAL_CAPACITY);
  /** The latest day (since 1970) for which the series' labels are durable; 0 for none. */
  announcedDays = new Uint16Array(INITIAL_CAPACITY);
  flags = new Uint8Array(INITIAL_CAPACITY);
  /** The number (modulo 256) of the scrape that showed the slot last. */
  marks = new Uint8Array(INITIAL_CAPACITY);

  get capacity(): number {
    return this.flags.length;
  }

  /** Makes room for slots below `slotCount`; new ones are zero. */
  ensure(slotCount: number): void {
    if (slotCount <= this.capacity) return;
    // A quarter more than needed: targets grow slowly, and doubling would waste what makes this table small.
    const capacity = Math.max(slotCount, Math.ceil(this.capacity * 1.25));
    this.metricIdLow = copyInto(this.metricIdLow, new Uint32Array(capacity));
    this.metricIdHigh = copyInto(this.metricIdHigh, new Uint32Array(capacity));
    this.seriesIdLow = copyInto(this.seriesIdLow, new Uint32Array(capacity));
    this.seriesIdHigh = copyInto(this.seriesIdHigh, new Uint32Array(capacity));
    this.partitions = copyInto(this.partitions, new Uint16Array(capacity));
    this.announcedDays = copyInto(this.announcedDays, new Uint16Array(capacity));
    this.flags = copyInto(this.flags, new Uint8Array(capacity));
    this.marks = copyInto(this.marks, new Uint8Array(capacity));
  }

  setIds(slot: number, metricId: bigint, seriesId: bigint): void {
    this.metricIdLow[slot] = lowWord(metricId);
    this.metricIdHigh[slot] = highWord(metricId);
    this.seriesIdLow[slot] = lowWord(seriesId);
    this.seriesIdHigh[slot] = highWord(seriesId);
  }

  isSeries(slot: number, seriesIdLow: number, seriesIdHigh: number): boolean {
    return this.seriesIdLow[slot] === seriesIdLow && this.seriesIdHigh[slot] === seriesIdHigh;
  }

  /** Notes that the series' labels are durable up to the day. */
  raiseAnnouncedDay(slot: number, seriesIdLow: number, seriesIdHigh: number, day: number): void {
    if (!this.isSeries(slot, seriesIdLow, seriesIdHigh) || (this.announcedDays[slot] ?? 0) >= day) return;
    this.announcedDays[slot] = day;
  }

  hasFlag(slot: number, flag: number): boolean {
    return ((this.flags[slot] ?? 0) & flag) !== 0;
  }

  setFlag(slot: number, flag: number, on: boolean): void {
    const flags = this.flags[slot] ?? 0;
    this.flags[slot] = on ? flags | flag : flags & ~flag;
  }
}

function lowWord(id: bigint): number {
  return Number(BigInt.asUintN(32, id));
}

function highWord(id: bigint): number {
  return Number(BigInt.asUintN(32, id >> 32n));
}

function copyInto<T extends Uint8Array | Uint16Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
