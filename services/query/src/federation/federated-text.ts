import { writeExposition, type WrittenSample } from "@monotreme/exposition";
import { compareLabels, compareUtf8, isStaleAt, Labels, METRIC_NAME, wordsOf } from "@monotreme/model";
import type { SeriesSamples } from "@monotreme/promql";
import { type ExternalLabels, withExternalLabels } from "../raw-reads/external-labels.ts";

export interface FederationOptions {
  readonly externalLabels: ExternalLabels;
  /** Whether names outside the classic alphabet are quoted; otherwise underscores replace what the alphabet lacks. */
  readonly allowsUtf8: boolean;
}

/**
 * The last value of each series in the text format, a piece for each metric, sorted by name. Stale series and native
 * histograms, for which the format has no place, are left out.
 */
export function* federatedText(
  series: readonly SeriesSamples[],
  { externalLabels, allowsUtf8 }: FederationOptions,
): Generator<string> {
  const samples = series
    .flatMap((one) => lastSampleOf(one))
    .map((sample) => ({ ...sample, labels: withInstance(withExternalLabels(sample.labels, externalLabels)) }))
    .sort(byNameAndLabels);
  for (let from = 0; from < samples.length; ) {
    const metric = samples[from]?.labels.metricName ?? "";
    let until = from + 1;
    while (samples[until]?.labels.metricName === metric) until++;
    const ofMetric = samples.slice(from, until);
    const written = allowsUtf8
      ? ofMetric
      : ofMetric.map((sample) => ({ ...sample, labels: withClassicNames(sample.labels) }));
    const name = written[0]?.labels.metricName ?? "";
    yield writeExposition([{ metric: name, type: "unknown", help: "", samples: written }], "text");
    from = until;
  }
}

function lastSampleOf({ labels, timestamps, values, histograms }: SeriesSamples): WrittenSample[] {
  const at = timestamps.length - 1;
  const [timestampMs, value] = [timestamps[at], values[at]];
  if (timestampMs === undefined || value === undefined) return [];
  if (histograms?.[at] !== undefined || isStaleAt(wordsOf(values), at)) return [];
  return [{ labels, value, timestampMs }];
}

function byNameAndLabels(a: WrittenSample, b: WrittenSample): number {
  return compareUtf8(a.labels.metricName, b.labels.metricName) || compareLabels(a.labels, b.labels);
}

/** Without an `instance` of its own the series would get that of the federating scrape. */
function withInstance(labels: Labels): Labels {
  if (labels.has("instance")) return labels;
  const entries = [...labels, ["instance", ""] as const].sort(([a], [b]) => compareUtf8(a, b));
  return Labels.fromSortedPairs(entries.flat());
}

function withClassicNames(labels: Labels): Labels {
  const pairs = [...labels].map(([name, value]) =>
    name === METRIC_NAME ? [name, value.replace(/^[0-9]|[^a-zA-Z0-9_:]/gu, "_")] : [classicLabelName(name), value],
  );
  return Labels.fromSortedPairs(pairs.flat());
}

function classicLabelName(name: string): string {
  return name.replace(/^[0-9]|[^a-zA-Z0-9_]/gu, "_");
}
