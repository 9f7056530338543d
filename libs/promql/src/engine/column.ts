import { Labels } from "@monotreme/model";
import type { NativeHistogram } from "../value.ts";
import { histogramSize } from "./histogram-size.ts";
import { isSameMetadata, withoutMetadataLabels } from "./metadata-labels.ts";
import { QueryExecutionError } from "./query-error.ts";

/** What a step of a column holds. */
export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

export type HistogramColumn = (NativeHistogram | undefined)[];

/**
 * One series of an instant vector over all steps of a grid. `present[i]` says whether step i has no sample, a float
 * (in `values`) or a histogram (in `histograms`). Columns are not changed once their expression has been evaluated, so
 * expressions may share them.
 */
export interface ColumnSeries {
  readonly labels: Labels;
  /** The metric name is to be dropped when evaluation ends (delayed name removal). */
  readonly dropName: boolean;
  readonly values: Float64Array;
  readonly present: Uint8Array;
  readonly histograms: HistogramColumn | undefined;
}

export interface VectorValue {
  readonly kind: "vector";
  /** The order is the one that an instant query answers, as sort and topk make it. */
  readonly series: readonly ColumnSeries[];
}

export interface ScalarValue {
  readonly kind: "scalar";
  readonly values: Float64Array;
}

export interface StringValue {
  readonly kind: "string";
  readonly value: string;
}

/** What an expression other than a range vector evaluates to. */
export type Value = VectorValue | ScalarValue | StringValue;

export function vectorOf(series: readonly ColumnSeries[]): VectorValue {
  return { kind: "vector", series };
}

/** A scalar as the vector of one series without labels; vectors as they are. */
export function asVector(value: Value): VectorValue {
  if (value.kind === "vector") return value;
  if (value.kind === "string") throw new QueryExecutionError("expected an instant vector, got a string");
  const present = new Uint8Array(value.values.length).fill(FLOAT);
  return vectorOf([{ labels: Labels.EMPTY, dropName: false, values: value.values, present, histograms: undefined }]);
}

/** A column of `count` absent steps, to be filled by its maker. */
export function createColumn(labels: Labels, dropName: boolean, count: number): ColumnSeries {
  return {
    labels,
    dropName,
    values: new Float64Array(count),
    present: new Uint8Array(count),
    histograms: undefined,
  };
}

export function hasSamples(series: ColumnSeries): boolean {
  const { present } = series;
  for (let i = 0; i < present.length; i++) if (present[i] !== ABSENT) return true;
  return false;
}

/** How many samples a vector holds, histograms by their size. */
export function countSamples(series: readonly ColumnSeries[]): number {
  let samples = 0;
  for (const { present, histograms } of series) {
    for (let i = 0; i < present.length; i++) if (present[i] !== ABSENT) samples++;
    if (histograms === undefined) continue;
    for (let i = 0; i < present.length; i++) {
      const histogram = present[i] === HISTOGRAM ? histograms[i] : undefined;
      if (histogram !== undefined) samples += histogramSize(histogram) - 1;
    }
  }
  return samples;
}

/** Makes a name-dropping result: at once, or marked for the end of evaluation. */
export function withoutName(series: ColumnSeries, delayed: boolean): ColumnSeries {
  if (delayed) return series.dropName ? series : { ...series, dropName: true };
  const labels = withoutMetadataLabels(series.labels);
  return labels === series.labels ? series : { ...series, labels };
}

/** {@link withoutName} for a whole vector; series that come to the same labels are joined. */
export function withoutNames(series: readonly ColumnSeries[], delayed: boolean): readonly ColumnSeries[] {
  const named = series.map((one) => withoutName(one, delayed));
  // Where the names are all the same, or stay for now, labels stay as different as they were.
  if (delayed || series.every(({ labels }) => isSameMetadata(labels, series[0]!.labels))) return named;
  return mergeSameLabels(named);
}

/**
 * Joins series that have come to the same labels. They may not have samples at the same step: that throws Prometheus'
 * "same labelset" error.
 */
export function mergeSameLabels(series: readonly ColumnSeries[]): readonly ColumnSeries[] {
  if (series.length < 2) return series;
  const indexByKey = new Map<string, number>();
  const merged: ColumnSeries[] = [];
  for (const one of series) {
    const at = indexByKey.get(one.labels.key);
    if (at === undefined) {
      indexByKey.set(one.labels.key, merged.length);
      merged.push(one);
    } else {
      merged[at] = joinColumns(merged[at]!, one);
    }
  }
  return merged.length === series.length ? series : merged;
}

function joinColumns(a: ColumnSeries, b: ColumnSeries): ColumnSeries {
  const values = a.values.slice();
  const present = a.present.slice();
  const histograms = a.histograms?.slice() ?? (b.histograms === undefined ? undefined : []);
  for (let i = 0; i < present.length; i++) {
    if (b.present[i] === ABSENT) continue;
    if (present[i] !== ABSENT) throw new QueryExecutionError("vector cannot contain metrics with the same labelset");
    present[i] = b.present[i]!;
    values[i] = b.values[i]!;
    if (histograms !== undefined) histograms[i] = b.histograms?.[i];
  }
  return { labels: a.labels, dropName: a.dropName || b.dropName, values, present, histograms };
}

/** The value of one step repeated over `count` steps. */
export function repeatValue(value: Value, count: number): Value {
  if (value.kind === "string") return value;
  if (value.kind === "scalar") return { kind: "scalar", values: new Float64Array(count).fill(value.values[0]!) };
  return vectorOf(
    value.series.map((one) => ({
      ...one,
      values: new Float64Array(count).fill(one.values[0]!),
      present: new Uint8Array(count).fill(one.present[0]!),
      histograms: one.histograms === undefined ? undefined : Array.from({ length: count }, () => one.histograms?.[0]),
    })),
  );
}
