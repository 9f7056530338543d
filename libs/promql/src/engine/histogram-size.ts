import type { NativeHistogram } from "../value.ts";

const SAMPLE_BYTES = 16;
const FIXED_BYTES = 176;
const WORD_BYTES = 8;

/** How many samples a histogram counts for in the limits: its bytes in units of a float with its timestamp. */
export function histogramSize({ positiveBuckets, negativeBuckets, customBounds }: NativeHistogram): number {
  const spans = Math.min(1, positiveBuckets.length) + Math.min(1, negativeBuckets.length);
  const words = positiveBuckets.length + negativeBuckets.length + customBounds.length + spans;
  return Math.floor((FIXED_BYTES + words * WORD_BYTES) / SAMPLE_BYTES);
}

/** How many samples a series of samples counts for, histograms by their size. */
export function countStored({
  timestamps,
  histograms,
}: {
  readonly timestamps: Float64Array;
  readonly histograms?: readonly (NativeHistogram | undefined)[] | undefined;
}): number {
  let samples = timestamps.length;
  for (const histogram of histograms ?? []) if (histogram !== undefined) samples += histogramSize(histogram) - 1;
  return samples;
}
