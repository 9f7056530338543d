import type { Labels } from "@monotreme/model";
import type { LabelFault } from "@monotreme/remote-write";
import type { CachedSeries } from "../series/series-cache.ts";

const INITIAL_SERIES = 4096;
const DROPPED = -2;
/** Columns beyond this many series are given back after the request that needed them. */
const KEPT_SERIES = 1 << 17;

/** The ids of one request's series as columns, in the request's order; used again for every request. */
export class ResolvedSeries {
  /** Metric id low, high, series id low, high of series i from 4i on. */
  ids = new Uint32Array(INITIAL_SERIES * 4);
  partitions = new Uint16Array(INITIAL_SERIES);
  announcedDays = new Int32Array(INITIAL_SERIES);
  /** The labels that had to be read. */
  readonly labels = new Map<number, Labels>();
  readonly droppedSamples = new Map<LabelFault, number>();

  /** Makes room for a request of that many series. */
  reset(seriesCount: number): void {
    this.labels.clear();
    this.droppedSamples.clear();
    const capacity = this.partitions.length;
    if (seriesCount <= capacity && (capacity <= KEPT_SERIES || seriesCount > KEPT_SERIES)) return;
    const wanted = Math.max(INITIAL_SERIES, seriesCount);
    this.ids = new Uint32Array(wanted * 4);
    this.partitions = new Uint16Array(wanted);
    this.announcedDays = new Int32Array(wanted);
  }

  set(index: number, series: CachedSeries): void {
    const { ids } = this;
    ids[index * 4] = series.metricIdLow;
    ids[index * 4 + 1] = series.metricIdHigh;
    ids[index * 4 + 2] = series.seriesIdLow;
    ids[index * 4 + 3] = series.seriesIdHigh;
    this.partitions[index] = series.partition;
    this.announcedDays[index] = series.announcedDay;
  }

  drop(index: number, reason: LabelFault, samples: number): void {
    this.announcedDays[index] = DROPPED;
    this.droppedSamples.set(reason, (this.droppedSamples.get(reason) ?? 0) + samples);
  }

  isDropped(index: number): boolean {
    return this.announcedDays[index] === DROPPED;
  }
}
