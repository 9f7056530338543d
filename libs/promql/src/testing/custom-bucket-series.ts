import { type Labels, METRIC_NAME, parseFloatGo } from "@monotreme/model";
import type { NativeHistogram } from "../value.ts";
import type { LoadedSeries, ScriptPoint } from "./script.ts";

interface ClassicHistogram {
  readonly labels: Labels;
  /** Cumulative bucket series by upper bound. */
  readonly buckets: Map<number, LoadedSeries>;
  count: LoadedSeries | undefined;
  sum: LoadedSeries | undefined;
}

/** The native histograms with custom buckets of the classic histograms among loaded series (`load_with_nhcb`). */
export function customBucketSeriesOf(series: readonly LoadedSeries[]): LoadedSeries[] {
  const classics = new Map<string, ClassicHistogram>();
  for (const one of series) take(classics, one);
  return [...classics.values()].filter(({ buckets }) => buckets.size > 0).map(convert);
}

function take(classics: Map<string, ClassicHistogram>, series: LoadedSeries): void {
  const [, base, suffix] = /^(.+)_(bucket|count|sum)$/.exec(series.labels.metricName) ?? [];
  const bound = parseFloatGo(series.labels.get("le"));
  if (base === undefined || (suffix === "bucket" && bound === undefined)) return;
  const labels = series.labels.with("le", "").with(METRIC_NAME, base);
  const classic = classics.get(labels.key) ?? { labels, buckets: new Map(), count: undefined, sum: undefined };
  classics.set(labels.key, classic);
  if (suffix === "count") classic.count = series;
  else if (suffix === "sum") classic.sum = series;
  else if (bound !== undefined) classic.buckets.set(bound, series);
}

function convert(classic: ClassicHistogram): LoadedSeries {
  const bounds = [...classic.buckets.keys()].sort((a, b) => a - b);
  const length = Math.max(...[...classic.buckets.values()].map(({ points }) => points.length));
  const points = Array.from({ length }, (_, i) => pointAt(classic, bounds, i));
  return { labels: classic.labels, points, startOffsetsMs: undefined };
}

function pointAt(classic: ClassicHistogram, bounds: readonly number[], i: number): ScriptPoint {
  const cumulative = bounds.map((bound) => floatAt(classic.buckets.get(bound), i));
  if (cumulative.every((count) => count === undefined)) return { kind: "none" };
  let below = 0;
  const counts = cumulative.map((count) => {
    const own = Math.max(0, (count ?? below) - below);
    below += own;
    return own;
  });
  const count = floatAt(classic.count, i) ?? below;
  const finite = bounds.filter((bound) => bound !== Infinity);
  const infinite = count - counts.slice(0, finite.length).reduce((total, own) => total + own, 0);
  const histogram: NativeHistogram = {
    schema: -53,
    counterResetHint: "unknown",
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum: floatAt(classic.sum, i) ?? 0,
    positiveOffset: 0,
    positiveBuckets: [...counts.slice(0, finite.length), infinite],
    negativeOffset: 0,
    negativeBuckets: [],
    customBounds: finite,
  };
  return { kind: "histogram", histogram, hasHint: false };
}

function floatAt(series: LoadedSeries | undefined, i: number): number | undefined {
  const point = series?.points[i];
  return point?.kind === "float" ? point.value : undefined;
}
