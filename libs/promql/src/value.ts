import type { Labels, NativeHistogram } from "@monotreme/model";

export type { NativeHistogram };

/**
 * The samples of one float series, put together in buckets `(end − resolutionMs, end]` (ADR 14). All columns are as long
 * as `ends`; staleness markers count nowhere but in `markerTimes`. An entry without samples stands for a marker alone:
 * its sum, increase and resets are 0, its other values and times NaN.
 */
export interface SampleBuckets {
  readonly resolutionMs: number;
  /** Epoch ms, ascending, multiples of `resolutionMs`; a bucket without samples and markers has no entry. */
  readonly ends: Float64Array;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  /** NaN only where all samples are, as `min_over_time` gives it. */
  readonly mins: Float64Array;
  /** NaN only where all samples are, as `max_over_time` gives it. */
  readonly maxs: Float64Array;
  readonly firsts: Float64Array;
  /** When the first sample was taken, epoch ms. */
  readonly firstTimes: Float64Array;
  readonly lasts: Float64Array;
  /** When the last sample was taken, epoch ms. */
  readonly lastTimes: Float64Array;
  /**
   * The rise from the first to the last sample, where a falling value is a reset and what was reached before it is added:
   * `last − first` plus the sum of the values before resets. Where `last − first` is not finite, that sum alone.
   */
  readonly increases: Float64Array;
  /** Falling values between the first and the last sample. */
  readonly resets: Float64Array;
  /** When the staleness marker was written that is the newest thing in the bucket, epoch ms; else NaN. */
  readonly markerTimes: Float64Array;
}

/**
 * One series as columns, in time order, at most one sample a timestamp. `timestamps` are epoch ms. A staleness marker
 * is a value with the marker's bits (see `@monotreme/model` staleness). Where `histograms[i]` is defined, the sample is
 * that histogram and `values[i]` means nothing. Columns may be shared between series; nobody may write to them.
 */
export interface SeriesSamples {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly histograms?: readonly (NativeHistogram | undefined)[];
  /** When each sample's counting began, epoch ms; NaN where that is unknown. Absent where it is for all. */
  readonly startTimestamps?: Float64Array;
  /**
   * The buckets of a downsampled float series; `timestamps` and `values` then hold the last sample of each bucket and the
   * marker after it, for functions that know nothing of buckets.
   */
  readonly buckets?: SampleBuckets;
  /** Width of the buckets that the series was downsampled to; absent: these are the samples as they were written. */
  readonly resolutionMs?: number;
}

export interface SamplePoint {
  readonly timestampMs: number;
  readonly value: number;
  readonly histogram?: NativeHistogram;
}

/** What a query gives back. Points of a matrix are in time order, series in the order the API answers them. */
export type QueryValue =
  | { readonly type: "scalar"; readonly timestampMs: number; readonly value: number }
  | { readonly type: "string"; readonly timestampMs: number; readonly value: string }
  | { readonly type: "vector"; readonly samples: readonly VectorSample[] }
  | { readonly type: "matrix"; readonly series: readonly SeriesSamples[] };

export interface VectorSample extends SamplePoint {
  readonly labels: Labels;
}

/** How many samples the selectors of a query considered and read, in all and at each step of the query. */
export interface SampleStatistics {
  /** A sample counts once for every window that holds it. */
  readonly considered: number;
  readonly read: number;
  readonly consideredPerStep: Float64Array;
  readonly readPerStep: Float64Array;
}

export interface QueryResult {
  readonly value: QueryValue;
  /** Texts start with `PromQL warning: ` and end with `(line:column)`. */
  readonly warnings: readonly string[];
  /** Texts start with `PromQL info: ` and end with `(line:column)`. */
  readonly infos: readonly string[];
  /** The coarsest resolution that any selector read; 0 or absent: samples as they were written. */
  readonly resolutionMs?: number;
  readonly samplesRead: number;
  readonly peakSamples: number;
  /** Where they were asked for. */
  readonly statistics?: SampleStatistics;
}
