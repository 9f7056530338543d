import { isStaleAt, type Labels, wordsOf } from "@monotreme/model";
import type { NativeHistogram, SeriesSamples } from "../value.ts";

/** Window i holds the samples with `end − rangeMs < timestamp ≤ end`, where end = `firstEndMs + i · stepMs`. */
export interface Windows {
  readonly firstEndMs: number;
  /** 0: all windows are the same (`@`). */
  readonly stepMs: number;
  readonly rangeMs: number;
  readonly count: number;
}

/** One series of a range vector: its samples without staleness markers, in time order. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly histograms: readonly (NativeHistogram | undefined)[] | undefined;
}

/** A range vector: all samples that any window needs, and the windows. */
export interface RangeVector {
  readonly series: readonly RangeSeries[];
  readonly windows: Windows;
}

/** For each window the samples `low[i] ≤ index < high[i]`. */
export interface WindowBounds {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

export function createWindowBounds(count: number): WindowBounds {
  return { low: new Int32Array(count), high: new Int32Array(count) };
}

/** Fills `bounds` for one series' timestamps; both borders only move forward, so this is linear in samples and steps. */
export function fillWindowBounds(timestamps: Float64Array, windows: Windows, bounds: WindowBounds): void {
  const { low, high } = bounds;
  const length = timestamps.length;
  const { stepMs, rangeMs, count } = windows;
  let from = 0;
  let to = 0;
  for (let i = 0; i < count; i++) {
    const end = windows.firstEndMs + i * stepMs;
    const start = end - rangeMs;
    while (to < length && timestamps[to]! <= end) to++;
    while (from < to && timestamps[from]! <= start) from++;
    low[i] = from;
    high[i] = to;
  }
}

/** A series as range functions see it: staleness markers taken out, recognised by their bits. */
export function rangeSeriesFrom(samples: SeriesSamples): RangeSeries {
  const { labels, timestamps, values, histograms } = samples;
  const words = wordsOf(values);
  let stale = 0;
  for (let i = 0; i < values.length; i++) if (isStaleAt(words, i) && histograms?.[i] === undefined) stale++;
  if (stale === 0) return { labels, dropName: false, timestamps, values, histograms };

  const kept = values.length - stale;
  const keptTimestamps = new Float64Array(kept);
  const keptValues = new Float64Array(kept);
  const keptHistograms: (NativeHistogram | undefined)[] | undefined = histograms === undefined ? undefined : [];
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    if (isStaleAt(words, i) && histograms?.[i] === undefined) continue;
    keptTimestamps[at] = timestamps[i]!;
    keptValues[at] = values[i]!;
    if (keptHistograms !== undefined) keptHistograms[at] = histograms?.[i];
    at++;
  }
  return { labels, dropName: false, timestamps: keptTimestamps, values: keptValues, histograms: keptHistograms };
}
