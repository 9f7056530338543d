import { formatFloat, type Labels } from "@monotreme/model";
import type { NativeHistogram, QueryValue, SamplePoint, SeriesSamples } from "../value.ts";
import { isAlmostEqual, isSameHistogram } from "./almost-equal.ts";
import type { EvaluationRange, Expectations, ExpectedSeries, ScriptPoint } from "./script.ts";

/**
 * Compares a query's value with what a script expects; gives the first difference for people, undefined where there is
 * none. `range` says where the points of expected series stand when the value is a matrix.
 */
export function differenceOf(
  expectations: Expectations,
  value: QueryValue,
  range: EvaluationRange,
): string | undefined {
  if (expectations.string !== undefined) {
    if (value.type !== "string") return `expected a string, got a ${value.type}`;
    if (value.value === expectations.string) return undefined;
    return `expected ${JSON.stringify(expectations.string)}, got ${JSON.stringify(value.value)}`;
  }
  switch (value.type) {
    case "string":
      return `got the string ${JSON.stringify(value.value)}`;
    case "scalar":
      return compareScalar(expectations, value.value);
    case "vector":
      return compareVector(expectations, value.samples);
    case "matrix":
      return compareMatrix(expectations, value.series, expectations.matrixRange ?? range);
  }
}

function compareScalar({ scalar }: Expectations, got: number): string | undefined {
  if (scalar === undefined) return `expected a vector, got the scalar ${formatFloat(got)}`;
  return isAlmostEqual(scalar, got) ? undefined : `expected ${formatFloat(scalar)}, got ${formatFloat(got)}`;
}

interface LabelledPoint extends SamplePoint {
  readonly labels: Labels;
}

function compareVector(expectations: Expectations, samples: readonly LabelledPoint[]): string | undefined {
  if (expectations.scalar !== undefined) return `expected a scalar, got a vector of ${samples.length} elements`;
  if (expectations.matrixRange !== undefined) return "expected a range vector, got an instant vector";
  const expected = new Map(expectations.series.map((series, index) => [series.labels.key, { series, index }]));
  const seen = new Set<string>();
  for (const [i, sample] of samples.entries()) {
    const entry = expected.get(sample.labels.key);
    if (entry === undefined) return `unexpected ${sample.labels.toString()} ${formatPoint(sample)}`;
    if (seen.has(sample.labels.key)) return `${sample.labels.toString()} occurs twice`;
    seen.add(sample.labels.key);
    if (expectations.ordered && entry.index !== i)
      return `expected ${sample.labels.toString()} at position ${entry.index}, got ${i}`;
    const difference = comparePoint(entry.series.points[0], sample);
    if (difference !== undefined) return `${sample.labels.toString()}: ${difference}`;
  }
  return missing(expectations.series, seen);
}

function compareMatrix(
  expectations: Expectations,
  got: readonly SeriesSamples[],
  range: EvaluationRange,
): string | undefined {
  const expected = new Map(expectations.series.map((series) => [series.labels.key, series]));
  const seen = new Set<string>();
  for (const series of got) {
    const entry = expected.get(series.labels.key);
    if (entry === undefined) return `unexpected ${series.labels.toString()} ${formatSeries(series)}`;
    if (seen.has(series.labels.key)) return `${series.labels.toString()} occurs twice`;
    seen.add(series.labels.key);
    const difference = compareSeries(entry.points, series, range);
    if (difference !== undefined) return `${series.labels.toString()}: ${difference}; got ${formatSeries(series)}`;
  }
  const present = expectations.series.filter(({ points }) => points.some(({ kind }) => kind !== "none"));
  return missing(present, seen);
}

function missing(expected: readonly ExpectedSeries[], seen: ReadonlySet<string>): string | undefined {
  const absent = expected.find(({ labels }) => !seen.has(labels.key));
  return absent === undefined
    ? undefined
    : `expected ${absent.labels.toString()} ${absent.points.map(formatExpected).join(" ")}, got none`;
}

function compareSeries(points: readonly ScriptPoint[], got: SeriesSamples, range: EvaluationRange): string | undefined {
  const byTime = new Map([...got.timestamps.entries()].map(([i, timestampMs]) => [timestampMs, pointAt(got, i)]));
  for (const [i, point] of points.entries()) {
    const timestampMs = range.startMs + i * range.stepMs;
    const sample = byTime.get(timestampMs);
    byTime.delete(timestampMs);
    if (point.kind === "none" && sample === undefined) continue;
    const difference = comparePoint(point, sample);
    if (difference !== undefined) return `at ${timestampMs / 1000} s: ${difference}`;
  }
  const [extra] = byTime.values();
  return extra === undefined ? undefined : `unexpected ${formatPoint(extra)} at ${extra.timestampMs / 1000} s`;
}

function pointAt(series: SeriesSamples, i: number): SamplePoint {
  const histogram = series.histograms?.[i];
  const point = { timestampMs: series.timestamps[i] ?? Number.NaN, value: series.values[i] ?? Number.NaN };
  return histogram === undefined ? point : { ...point, histogram };
}

function comparePoint(expected: ScriptPoint | undefined, got: SamplePoint | undefined): string | undefined {
  if (expected !== undefined && got !== undefined && isExpected(expected, got)) return undefined;
  return `expected ${expected === undefined ? "no value" : formatExpected(expected)}, got ${got === undefined ? "none" : formatPoint(got)}`;
}

function isExpected(expected: ScriptPoint, got: SamplePoint): boolean {
  if (expected.kind === "float") return got.histogram === undefined && isAlmostEqual(expected.value, got.value);
  if (expected.kind !== "histogram" || got.histogram === undefined) return false;
  return isSameHistogram(expected.histogram, got.histogram, expected.hasHint);
}

function formatExpected(point: ScriptPoint): string {
  switch (point.kind) {
    case "float":
      return formatFloat(point.value);
    case "histogram":
      return formatHistogram(point.histogram);
    case "stale":
      return "stale";
    case "none":
      return "_";
  }
}

function formatPoint(point: SamplePoint): string {
  return point.histogram === undefined ? formatFloat(point.value) : formatHistogram(point.histogram);
}

function formatSeries(series: SeriesSamples): string {
  return [...series.timestamps.keys()].map((i) => formatPoint(pointAt(series, i))).join(" ");
}

/** As scripts write it, without what is zero or empty. */
function formatHistogram(histogram: NativeHistogram): string {
  const numbers: readonly (readonly [name: string, value: number])[] = [
    ["schema", histogram.schema],
    ["count", histogram.count],
    ["sum", histogram.sum],
    ["z_bucket", histogram.zeroCount],
    ["z_bucket_w", histogram.zeroThreshold],
    ["offset", histogram.positiveOffset],
    ["n_offset", histogram.negativeOffset],
  ];
  const lists: readonly (readonly [name: string, values: readonly number[]])[] = [
    ["buckets", histogram.positiveBuckets],
    ["n_buckets", histogram.negativeBuckets],
    ["custom_values", histogram.customBounds],
  ];
  const parts = [
    ...numbers.flatMap(([name, value]) => (value === 0 ? [] : [`${name}:${formatFloat(value)}`])),
    ...lists.flatMap(([name, values]) =>
      values.length === 0 ? [] : [`${name}:[${values.map(formatFloat).join(" ")}]`],
    ),
    ...(histogram.counterResetHint === "unknown"
      ? []
      : [`counter_reset_hint:${histogram.counterResetHint.replace("-", "_")}`]),
  ];
  return `{{${parts.join(" ")}}}`;
}
