import { isStaleAt, type Labels, wordsOf } from "@monotreme/model";
import type { RangeExtension } from "../functions/extended-range-functions.ts";
import { filledBuckets } from "../buckets/filled-buckets.ts";
import type { NativeHistogram, SampleBuckets, SeriesSamples } from "../value.ts";

/** Window i holds the samples with `end − rangeMs < timestamp ≤ end`, where end is {@link windowEndMs}. */
export interface Windows {
  readonly firstEndMs: number;
  /** 0: all windows are the same (`@`). */
  readonly stepMs: number;
  readonly rangeMs: number;
  readonly count: number;
  /** Defined for downsampled series: windows end on multiples of it. */
  readonly resolutionMs?: number;
}

/** `firstEndMs + step · stepMs`, or, at a resolution, the border of its buckets at or before that. */
export function windowEndMs({ firstEndMs, stepMs, resolutionMs }: Windows, step: number): number {
  const endMs = firstEndMs + step * stepMs;
  return resolutionMs === undefined ? endMs : Math.floor(endMs / resolutionMs) * resolutionMs;
}

/** One series of a range vector: its samples without staleness markers, in time order. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly histograms: readonly (NativeHistogram | undefined)[] | undefined;
  /** Defined where start timestamps are heeded and the series has some. */
  readonly startTimestamps?: Float64Array | undefined;
  /** The buckets whose last samples these are, where the series was downsampled. */
  readonly buckets?: SampleBuckets | undefined;
}

/** A range vector: all samples that any window needs, and the windows. */
export interface RangeVector {
  readonly series: readonly RangeSeries[];
  readonly windows: Windows;
  readonly extension: RangeExtension | undefined;
  /** Whether the samples are stored ones and not those of a subquery. */
  readonly isStored: boolean;
  /** Samples counted for this range vector alone, to be released after use; 0 where a selector holds them. */
  readonly heldSamples: number;
  /** The width of the windows that the query asks for; another than `windows.rangeMs` where samples were downsampled. */
  readonly requestedMs: number;
}

/** For each window the samples `low[i] ≤ index < high[i]`. */
export interface WindowBounds {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

export function createWindowBounds(count: number): WindowBounds {
  return { low: new Int32Array(count), high: new Int32Array(count) };
}

/**
 * Fills `bounds` for one series' timestamps. Samples come mostly at even distances, so each border first tries to move
 * as far as it moved the step before and only then looks left or right: few timestamps are read, at most a multiple of
 * them all.
 */
export function fillWindowBounds(timestamps: Float64Array, windows: Windows, bounds: WindowBounds): void {
  const { low, high } = bounds;
  const { firstEndMs, stepMs, rangeMs, count, resolutionMs } = windows;
  let from = 0;
  let to = 0;
  let fromStride = 0;
  let toStride = 0;
  for (let i = 0; i < count; i++) {
    let end = firstEndMs + i * stepMs;
    if (resolutionMs !== undefined) end = Math.floor(end / resolutionMs) * resolutionMs;
    const nextTo = countUpTo(timestamps, end, to, toStride);
    const nextFrom = countUpTo(timestamps, end - rangeMs, from, fromStride);
    toStride = nextTo - to;
    fromStride = nextFrom - from;
    to = nextTo;
    from = nextFrom;
    low[i] = from;
    high[i] = to;
  }
}

/** How many timestamps are at or before `limitMs`, at least `from`; looks first at `from + stride`. */
export function countUpTo(timestamps: Float64Array, limitMs: number, from: number, stride: number): number {
  const length = timestamps.length;
  let at = Math.min(from + stride, length);
  if (at > from && timestamps[at - 1]! > limitMs) {
    at--;
    while (at > from && timestamps[at - 1]! > limitMs) at--;
    return at;
  }
  while (at < length && timestamps[at]! <= limitMs) at++;
  return at;
}

/** A series as range functions see it: staleness markers taken out, recognised by their bits. */
export function rangeSeriesFrom(samples: SeriesSamples): RangeSeries {
  const { labels, timestamps, values, histograms, startTimestamps } = samples;
  if (samples.buckets !== undefined) return bucketSeriesFrom(labels, samples.buckets);
  const stale = countStale(samples);
  if (stale === 0) return { labels, dropName: false, timestamps, values, histograms, startTimestamps };

  const words = wordsOf(values);
  const kept = values.length - stale;
  const keptTimestamps = new Float64Array(kept);
  const keptValues = new Float64Array(kept);
  const keptStarts = startTimestamps && new Float64Array(kept);
  const keptHistograms: (NativeHistogram | undefined)[] | undefined = histograms === undefined ? undefined : [];
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    if (isStaleAt(words, i) && histograms?.[i] === undefined) continue;
    keptTimestamps[at] = timestamps[i]!;
    keptValues[at] = values[i]!;
    if (keptStarts !== undefined) keptStarts[at] = startTimestamps?.[i] ?? Number.NaN;
    if (keptHistograms !== undefined) keptHistograms[at] = histograms?.[i];
    at++;
  }
  return {
    labels,
    dropName: false,
    timestamps: keptTimestamps,
    values: keptValues,
    histograms: keptHistograms,
    startTimestamps: keptStarts,
  };
}

function bucketSeriesFrom(labels: Labels, stored: SampleBuckets): RangeSeries {
  const buckets = filledBuckets(stored);
  const { lastTimes, lasts } = buckets;
  return { labels, dropName: false, timestamps: lastTimes, values: lasts, histograms: undefined, buckets };
}

function countStale({ values, histograms }: SeriesSamples): number {
  const words = wordsOf(values);
  let stale = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // Only a NaN can be a marker, and a NaN is the only value that differs from itself: one comparison for most samples.
    if (value !== value && isStaleAt(words, i) && histograms?.[i] === undefined) stale++;
  }
  return stale;
}
