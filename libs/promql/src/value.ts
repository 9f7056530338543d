import type { Labels, NativeHistogram } from "@monotreme/model";

export type { NativeHistogram };

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
  readonly samplesRead: number;
  readonly peakSamples: number;
  /** Where they were asked for. */
  readonly statistics?: SampleStatistics;
}
