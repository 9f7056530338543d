import { hintAfter, type Labels, type NativeHistogram, wordsOf } from "@monotreme/model";
import type { SeriesSamples } from "@monotreme/promql";
import type { TimedHistogram } from "./histogram-reader.ts";

/**
 * One series of floats and histograms in time order; at one time the histogram counts. Histograms get the counter reset
 * hints that a TSDB gives back. Those at or before `afterMs` are not part of the answer: they only tell what the first
 * one continues. Undefined where nothing is left.
 */
export function mergeHistograms(
  labels: Labels,
  floats: SeriesSamples | undefined,
  histograms: readonly TimedHistogram[],
  afterMs: number,
): SeriesSamples | undefined {
  const length = (floats?.timestamps.length ?? 0) + histograms.length;
  const timestamps = new Float64Array(length);
  const values = new Float64Array(length);
  const merged: (NativeHistogram | undefined)[] = [];
  // As words: a staleness marker that passes through a number may lose its bits.
  const words = wordsOf(values);
  const floatWords = floats && wordsOf(floats.values);
  let before: NativeHistogram | undefined;
  let float = 0;
  let next = 0;
  while (float < (floats?.timestamps.length ?? 0) || next < histograms.length) {
    const floatAtMs = floats?.timestamps[float] ?? Infinity;
    const timed = histograms[next];
    const at = merged.length;
    if (timed === undefined || floatAtMs < timed.timestampMs) {
      timestamps[at] = floatAtMs;
      words[at * 2] = floatWords?.[float * 2] ?? 0;
      words[at * 2 + 1] = floatWords?.[float * 2 + 1] ?? 0;
      merged.push(undefined);
      before = undefined;
      float++;
      continue;
    }
    if (floatAtMs === timed.timestampMs) float++;
    next++;
    before = { ...timed.histogram, counterResetHint: hintAfter(before, timed.histogram) };
    if (timed.timestampMs <= afterMs) continue;
    timestamps[at] = timed.timestampMs;
    values[at] = Number.NaN;
    merged.push(before);
  }
  if (merged.length === 0) return undefined;
  const samples = {
    labels,
    timestamps: timestamps.subarray(0, merged.length),
    values: values.subarray(0, merged.length),
  };
  return merged.some((histogram) => histogram !== undefined) ? { ...samples, histograms: merged } : samples;
}
