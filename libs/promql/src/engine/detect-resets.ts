import { isStaleAt, wordsOf } from "@monotreme/model";
import { isResetBetween } from "../functions/histogram-arithmetic.ts";
import type { NativeHistogram, SeriesSamples } from "../value.ts";

/** A series whose histograms say themselves whether they were reset since the one before, where nothing said so yet. */
export function withDetectedResets(samples: SeriesSamples): SeriesSamples {
  if (samples.histograms === undefined) return samples;
  const words = wordsOf(samples.values);
  let previous: NativeHistogram | undefined;
  const histograms = samples.histograms.map((histogram, i): NativeHistogram | undefined => {
    if (histogram === undefined) {
      if (isStaleAt(words, i)) previous = undefined;
      return undefined;
    }
    const before = previous;
    previous = histogram;
    if (before === undefined || histogram.counterResetHint !== "unknown") return histogram;
    return { ...histogram, counterResetHint: isResetBetween(before, histogram) ? "reset" : "not-reset" };
  });
  return { ...samples, histograms };
}
