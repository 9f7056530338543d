import { type Labels, matchesAll, type NativeHistogram, wordsOf, writeStaleAt } from "@monotreme/model";
import type { SampleSource, SelectRequest, SeriesSamples } from "@monotreme/promql";

/** A sample that was written and may not be in the storage yet. */
export interface RecentSample {
  readonly labels: Labels;
  readonly value: number | "stale";
  readonly histogram?: NativeHistogram | undefined;
}

interface HeldSample extends RecentSample {
  readonly timestampMs: number;
}

/**
 * A storage together with the samples that the rules of one group wrote in the evaluation under way, so that a rule sees
 * what the rules before it recorded without waiting for the ingester.
 */
export class OverlaySource implements SampleSource {
  readonly #source: SampleSource;
  readonly #held = new Map<string, HeldSample>();

  constructor(source: SampleSource) {
    this.#source = source;
  }

  add(timestampMs: number, samples: Iterable<RecentSample>): void {
    for (const sample of samples) this.#held.set(sample.labels.key, { ...sample, timestampMs });
  }

  async select(request: SelectRequest): Promise<readonly SeriesSamples[]> {
    const stored = await this.#source.select(request);
    const recent = new Map<string, HeldSample>();
    for (const [key, sample] of this.#held) {
      const isInRange = sample.timestampMs > request.afterMs && sample.timestampMs <= request.untilMs;
      if (isInRange && matchesAll(request.matchers, sample.labels)) recent.set(key, sample);
    }
    if (recent.size === 0) return stored;
    const merged = stored.map((series) => {
      const sample = recent.get(series.labels.key);
      recent.delete(series.labels.key);
      return sample === undefined ? series : withSample(series, sample);
    });
    for (const sample of recent.values()) merged.push(withSample(emptySeries(sample.labels), sample));
    return merged;
  }
}

function emptySeries(labels: Labels): SeriesSamples {
  return { labels, timestamps: new Float64Array(0), values: new Float64Array(0) };
}

/** Keeps time order; of a stored sample at the same time the recent one stays. Values are copied as bits. */
function withSample(series: SeriesSamples, sample: HeldSample): SeriesSamples {
  const { timestamps, histograms, startTimestamps } = series;
  let before = timestamps.length;
  while (before > 0 && (timestamps[before - 1] ?? 0) >= sample.timestampMs) before--;
  const after = timestamps[before] === sample.timestampMs ? before + 1 : before;
  const length = before + 1 + timestamps.length - after;
  const splice = (column: Float64Array, value: number): Float64Array => {
    const spliced = new Float64Array(length);
    wordsOf(spliced).set(wordsOf(column.subarray(0, before)));
    spliced[before] = value;
    wordsOf(spliced).set(wordsOf(column.subarray(after)), (before + 1) * 2);
    return spliced;
  };
  const values = splice(series.values, sample.value === "stale" ? 0 : sample.value);
  if (sample.value === "stale") writeStaleAt(wordsOf(values), before);
  const hasHistograms = histograms !== undefined || sample.histogram !== undefined;
  const stored = histograms ?? Array.from<undefined>({ length: timestamps.length });
  return {
    labels: series.labels,
    timestamps: splice(timestamps, sample.timestampMs),
    values,
    ...(hasHistograms && { histograms: [...stored.slice(0, before), sample.histogram, ...stored.slice(after)] }),
    ...(startTimestamps && { startTimestamps: splice(startTimestamps, Number.NaN) }),
  };
}
