import { coarsen, joinBuckets, type SampleBuckets } from "@monotreme/promql";
import { sliceBuckets, weaveBuckets } from "@monotreme/storage";

/**
 * Adds buckets of late samples to buckets whose own samples do not exist any more. Counts, sums, extremes, firsts and
 * lasts are those of all samples together. Increases and resets are exact where the late samples of a bucket were taken
 * before or after all others; where they lie among these, they do not count as resets.
 */
export function mergeLateBuckets(known: SampleBuckets, late: SampleBuckets): SampleBuckets {
  const lateAt = new Map(Array.from(late.ends, (end, index) => [end, index]));
  let merged = known;
  for (const [at, end] of known.ends.entries()) {
    const index = lateAt.get(end);
    if (index === undefined) continue;
    lateAt.delete(end);
    const both = mergeBucket(sliceBuckets(known, at, at + 1), sliceBuckets(late, index, index + 1));
    merged = joinBuckets(
      [sliceBuckets(merged, 0, at), both, sliceBuckets(merged, at + 1, merged.ends.length)].filter(
        ({ ends }) => ends.length > 0,
      ),
    );
  }
  const others = [...lateAt.values()].map((index) => sliceBuckets(late, index, index + 1));
  return others.length === 0 ? merged : weaveBuckets(merged, joinBuckets(others));
}

/** Two buckets of one entry and the same end. */
function mergeBucket(a: SampleBuckets, b: SampleBuckets): SampleBuckets {
  const { resolutionMs } = a;
  const end = a.ends[0]!;
  const [first, second] = startOfBucket(b) < startOfBucket(a) ? [b, a] : [a, b];
  // As two halves of the bucket, so that they are put together as samples one after the other would be.
  const halves = { ...joinBuckets([first, second]), ends: Float64Array.of(end - resolutionMs / 2, end) };
  const merged = coarsen({ ...halves, resolutionMs: resolutionMs / 2 }, resolutionMs);
  if (first.lastTimes[0]! > second.firstTimes[0]!) settleOverlap(merged, first, second);
  const newest = Math.max(
    ...[...a.markerTimes, ...b.markerTimes].map((time) => (Number.isNaN(time) ? -Infinity : time)),
  );
  const hasSamples = merged.counts[0]! > 0;
  merged.markerTimes[0] = newest > (hasSamples ? merged.lastTimes[0]! : -Infinity) ? newest : Number.NaN;
  return merged;
}

function startOfBucket({ firstTimes }: SampleBuckets): number {
  return Number.isNaN(firstTimes[0]!) ? Infinity : firstTimes[0]!;
}

/** What cannot be known of samples that lie among each other is taken from the bucket that has more of them. */
function settleOverlap(merged: SampleBuckets, first: SampleBuckets, second: SampleBuckets): void {
  if (first.lastTimes[0]! > second.lastTimes[0]!) {
    merged.lasts.set(first.lasts);
    merged.lastTimes.set(first.lastTimes);
  }
  const larger = first.counts[0]! >= second.counts[0]! ? first : second;
  const ownRise = larger.lasts[0]! - larger.firsts[0]!;
  const dropped = larger.increases[0]! - (Number.isFinite(ownRise) ? ownRise : 0);
  const rise = merged.lasts[0]! - merged.firsts[0]!;
  merged.resets.set(larger.resets);
  merged.increases[0] = (Number.isFinite(rise) ? rise : 0) + dropped;
}
