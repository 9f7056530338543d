import { isStaleAt, wordsOf } from "@monotreme/model";

/**
 * Which of two values with one timestamp counts, independent of the order in which they came: the larger value wins, a
 * NaN loses against any number (ClickHouse's `timeSeries*ToGrid` decides the same), and of two NaNs a staleness marker
 * loses; what is left is decided by the bits (of two zeros the positive one wins).
 */
export function isBetterSample(values: Float64Array, words: Uint32Array, candidate: number, current: number): boolean {
  const a = values[candidate] ?? Number.NaN;
  const b = values[current] ?? Number.NaN;
  if (a > b) return true;
  if (a < b) return false;
  if (a === b) return Object.is(b, -0) && !Object.is(a, -0);
  if (Number.isNaN(a) !== Number.isNaN(b)) return Number.isNaN(b);
  return isBetterNan(words, candidate, current);
}

function isBetterNan(words: Uint32Array, candidate: number, current: number): boolean {
  const isCandidateStale = isStaleAt(words, candidate);
  const isCurrentStale = isStaleAt(words, current);
  if (isCandidateStale !== isCurrentStale) return isCurrentStale;
  const highDifference = (words[candidate * 2 + 1] ?? 0) - (words[current * 2 + 1] ?? 0);
  if (highDifference !== 0) return highDifference > 0;
  return (words[candidate * 2] ?? 0) > (words[current * 2] ?? 0);
}

export interface SampleColumns {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

/** Leaves one sample a timestamp, by {@link isBetterSample}; works in place and keeps the bits of the values. */
export function collapseDuplicates({ timestamps, values }: SampleColumns): SampleColumns {
  const firstRepeat = findRepeat(timestamps);
  if (firstRepeat === 0) return { timestamps, values };
  // Values are moved as words: a NaN that passes through a number may lose its payload.
  const words = wordsOf(values);
  let last = firstRepeat - 1;
  for (let i = firstRepeat; i < timestamps.length; i++) {
    const isRepeat = timestamps[i] === timestamps[last];
    if (isRepeat && !isBetterSample(values, words, i, last)) continue;
    if (!isRepeat) last++;
    timestamps[last] = timestamps[i] ?? 0;
    words[last * 2] = words[i * 2] ?? 0;
    words[last * 2 + 1] = words[i * 2 + 1] ?? 0;
  }
  return { timestamps: timestamps.subarray(0, last + 1), values: values.subarray(0, last + 1) };
}

/** The first index whose timestamp is that of the one before, or 0. A plain loop: a callback takes twenty times as long. */
function findRepeat(timestamps: Float64Array): number {
  let previous = timestamps[0];
  for (let i = 1; i < timestamps.length; i++) {
    const timestamp = timestamps[i];
    if (timestamp === previous) return i;
    previous = timestamp;
  }
  return 0;
}
