import type { Labels } from "@monotreme/model";

/** A native histogram, exponential (schema −4 … 8) or with custom buckets (schema −53); counts are absolute floats. */
export interface NativeHistogram {
  readonly schema: number;
  readonly counterResetHint: "unknown" | "reset" | "not-reset" | "gauge";
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  /** Index of the first bucket in `positiveBuckets`; the buckets follow without a gap. */
  readonly positiveOffset: number;
  readonly positiveBuckets: readonly number[];
  readonly negativeOffset: number;
  readonly negativeBuckets: readonly number[];
  /** Upper bounds of the buckets of schema −53, without the last, +Inf. */
  readonly customBounds: readonly number[];
}

/**
 * One series as columns, in time order, at most one sample a timestamp. `timestamps` are epoch ms. A staleness marker
 * is a value with the marker's bits (see `@monotreme/model` staleness). Where `histograms[i]` is defined, the sample is
 * that histogram and `values[i]` means nothing.
 */
export interface SeriesSamples {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly histograms?: readonly (NativeHistogram | undefined)[];
  /** When each sample's counting began, epoch ms; NaN where that is unknown. Absent where it is for all. */
  readonly startTimestamps?: Float64Array;
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

export interface QueryResult {
  readonly value: QueryValue;
  /** Texts start with `PromQL warning: ` and end with `(line:column)`. */
  readonly warnings: readonly string[];
  /** Texts start with `PromQL info: ` and end with `(line:column)`. */
  readonly infos: readonly string[];
  readonly samplesRead: number;
  readonly peakSamples: number;
}
