import type { SampleStatistics } from "../value.ts";
import { ABSENT, type ColumnSeries, HISTOGRAM } from "./column.ts";
import { histogramSize } from "./histogram-size.ts";
import type { RangeSeries, WindowBounds, Windows } from "./range-window.ts";
import type { TimeGrid } from "./time-grid.ts";

/**
 * Counts, step by step, the samples that the selectors of a query consider, as Prometheus' query statistics do: a
 * sample counts in every window that holds it, and counts as read at the first of them. Native histograms count by
 * their size. Made only for queries that ask for their statistics.
 */
export class SampleTally {
  readonly #considered: Float64Array;
  readonly #read: Float64Array;

  constructor(steps: number) {
    this.#considered = new Float64Array(steps);
    this.#read = new Float64Array(steps);
  }

  /** Counts what an instant selector found. */
  addColumns(columns: readonly ColumnSeries[]): void {
    for (const { present, histograms } of columns) {
      for (let step = 0; step < present.length; step++) {
        if (present[step] === ABSENT) continue;
        const histogram = present[step] === HISTOGRAM ? histograms?.[step] : undefined;
        const size = histogram === undefined ? 1 : histogramSize(histogram);
        this.#considered[step]! += size;
        this.#read[step]! += size;
      }
    }
  }

  /** Counts the windows of one series; samples of a subquery were read by its selectors. */
  addWindows(series: RangeSeries, { low, high }: WindowBounds, isStored: boolean): void {
    const sizes = series.histograms && sizesUpTo(series.histograms, series.timestamps.length);
    const between = (from: number, to: number): number => (sizes === undefined ? to - from : sizes[to]! - sizes[from]!);
    let readTo = 0;
    for (let step = 0; step < low.length; step++) {
      const from = low[step]!;
      const to = high[step]!;
      this.#considered[step]! += between(from, to);
      const unread = Math.max(from, readTo);
      if (isStored && to > unread) this.#read[step]! += between(unread, to);
      readTo = Math.max(readTo, to);
    }
  }

  /** Counts what was evaluated once for all steps: considered at each, read at the first. */
  addRepeated(once: SampleTally): void {
    const considered = once.#considered[0]!;
    for (let step = 0; step < this.#considered.length; step++) this.#considered[step]! += considered;
    this.#read[0]! += once.#read[0]!;
  }

  /** Counts what the steps of a subquery read, each at the first step whose window holds it or would have. */
  addSubquery(inner: SampleTally, grid: TimeGrid, windows: Windows): void {
    const last = this.#read.length - 1;
    for (let i = 0; i < grid.count; i++) {
      const afterFirstMs = grid.startMs + i * grid.stepMs - windows.firstEndMs;
      const step = windows.stepMs === 0 || afterFirstMs <= 0 ? 0 : Math.ceil(afterFirstMs / windows.stepMs);
      this.#read[Math.min(step, last)]! += inner.#read[i]!;
    }
  }

  statistics(): SampleStatistics {
    return {
      considered: sumOf(this.#considered),
      read: sumOf(this.#read),
      consideredPerStep: this.#considered,
      readPerStep: this.#read,
    };
  }
}

/** At index i the size of the samples before i. */
function sizesUpTo(histograms: NonNullable<RangeSeries["histograms"]>, count: number): Float64Array {
  const sizes = new Float64Array(count + 1);
  for (let i = 0; i < count; i++) {
    const histogram = histograms[i];
    sizes[i + 1] = sizes[i]! + (histogram === undefined ? 1 : histogramSize(histogram));
  }
  return sizes;
}

function sumOf(counts: Float64Array): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}
