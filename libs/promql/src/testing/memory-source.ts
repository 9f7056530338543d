import { AppError } from "@monotreme/errors";
import { hintAfter, type Labels, matchesAll, wordsOf, writeStaleAt } from "@monotreme/model";
import type { SampleSource, SelectRequest } from "../sample-source.ts";
import type { NativeHistogram, SeriesSamples } from "../value.ts";

/** A sample for {@link MemorySource}. */
export interface MemorySample {
  readonly timestampMs: number;
  /** `"stale"` ends the series with a staleness marker. */
  readonly value: number | "stale" | NativeHistogram;
  /** When its counting began, epoch ms. */
  readonly startTimestampMs?: number | undefined;
}

type Columns = Required<Pick<SeriesSamples, "labels" | "timestamps" | "values" | "histograms" | "startTimestamps">>;

interface Series {
  readonly labels: Labels;
  readonly samples: MemorySample[];
  /** Undefined after an append, until the next read. */
  columns: Columns | undefined;
}

/** Samples in memory, for tests: unbounded, any order of appends; of two samples at one time the later append stays. */
export class MemorySource implements SampleSource {
  readonly #series = new Map<string, Series>();

  append(labels: Labels, samples: Iterable<MemorySample>): void {
    const series = this.#series.get(labels.key) ?? { labels, samples: [], columns: undefined };
    for (const sample of samples) series.samples.push(sample);
    series.columns = undefined;
    this.#series.set(labels.key, series);
  }

  clear(): void {
    this.#series.clear();
  }

  async select(request: SelectRequest): Promise<readonly SeriesSamples[]> {
    request.signal?.throwIfAborted();
    const selected: SeriesSamples[] = [];
    let samples = 0;
    for (const series of this.#series.values()) {
      if (!matchesAll(request.matchers, series.labels)) continue;
      series.columns ??= columnsOf(series);
      const { timestamps } = series.columns;
      const from = countUpTo(timestamps, request.afterMs);
      const to = countUpTo(timestamps, request.untilMs);
      if (from >= to) continue;
      samples += to - from;
      if (request.maxSamples !== undefined && samples > request.maxSamples) {
        const text = "query processing would load too many samples into memory in query execution";
        throw new AppError("QUERY_TOO_MANY_SAMPLES", "limit", text);
      }
      selected.push(slice(series.columns, from, to));
    }
    return selected;
  }
}

function columnsOf({ labels, samples }: Series): Columns {
  const byTime = new Map(samples.map((sample) => [sample.timestampMs, sample]));
  const sorted = [...byTime.values()].sort((a, b) => a.timestampMs - b.timestampMs);
  const values = new Float64Array(sorted.length);
  const words = wordsOf(values);
  for (const [i, { value }] of sorted.entries()) {
    if (value === "stale") writeStaleAt(words, i);
    else values[i] = typeof value === "number" ? value : Number.NaN;
  }
  return {
    labels,
    timestamps: Float64Array.from(sorted, ({ timestampMs }) => timestampMs),
    values,
    histograms: histogramsOf(sorted),
    startTimestamps: Float64Array.from(sorted, ({ startTimestampMs }) => startTimestampMs ?? Number.NaN),
  };
}

/** With the counter reset hints that a storage would give back. */
function histogramsOf(samples: readonly MemorySample[]): (NativeHistogram | undefined)[] {
  let before: NativeHistogram | undefined;
  return samples.map(({ value }) => {
    const histogram = typeof value === "object" ? { ...value, counterResetHint: hintAfter(before, value) } : undefined;
    before = histogram;
    return histogram;
  });
}

function slice(columns: Columns, from: number, to: number): SeriesSamples {
  const histograms = columns.histograms.slice(from, to);
  const startTimestamps = columns.startTimestamps.subarray(from, to);
  return {
    labels: columns.labels,
    timestamps: columns.timestamps.subarray(from, to),
    values: columns.values.subarray(from, to),
    ...(histograms.some((histogram) => histogram !== undefined) ? { histograms } : {}),
    ...(startTimestamps.some((start) => !Number.isNaN(start)) ? { startTimestamps } : {}),
  };
}

/** How many of the sorted timestamps are at or before that one. */
function countUpTo(timestamps: Float64Array, timestampMs: number): number {
  let low = 0;
  let high = timestamps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timestamps[middle] ?? Infinity) <= timestampMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
