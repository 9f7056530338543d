import { WINDOW_MS } from "@monotreme/blocks";
import { joinBuckets, type SampleBuckets } from "@monotreme/promql";
import { bucketsWithin, weaveBuckets } from "@monotreme/storage";
import { type FreshBuckets, windowRanges } from "./bucket-source.ts";
import { mergeLateBuckets } from "./merge-late-buckets.ts";

/** What the chunk that counts until now holds. */
export interface KnownBuckets {
  readonly generation: number;
  readonly buckets: SampleBuckets;
}

/** Whether samples of a window may have been deleted since the chunk of that generation was written. */
export type DeletedSince = (windowMs: number, generation: number) => boolean;

const NOTHING_LOST: DeletedSince = () => true;

/**
 * The buckets of a series after its windows were read again: theirs are replaced, those of all other windows stay.
 *
 * A window that has fewer samples than its buckets counted, although nothing was deleted, lost them by retention: what is
 * there now came late. It is added to the buckets once: data of a lower generation than the buckets' is in them already.
 */
export function renewBuckets(
  known: KnownBuckets | undefined,
  fresh: readonly FreshBuckets[],
  deletedSince: DeletedSince = NOTHING_LOST,
): SampleBuckets | undefined {
  let kept = known?.buckets;
  for (const { generation, windows, buckets } of fresh) {
    for (const windowMs of windows) {
      const made = buckets && partOf(buckets, windowMs);
      const old = kept && partOf(kept, windowMs);
      const isPartial =
        old !== undefined &&
        known !== undefined &&
        total(old) > total(made) &&
        !deletedSince(windowMs, known.generation);
      let part = made;
      if (isPartial) part = made === undefined || generation < known.generation ? old : mergeLateBuckets(old, made);
      kept = replaced(kept, windowMs, part);
    }
  }
  return kept;
}

function replaced(
  buckets: SampleBuckets | undefined,
  windowMs: number,
  part: SampleBuckets | undefined,
): SampleBuckets | undefined {
  if (buckets === undefined) return part;
  const around = [
    { afterMs: -Infinity, untilMs: windowMs },
    { afterMs: windowMs + WINDOW_MS, untilMs: Infinity },
  ];
  const others = bucketsWithin(buckets, around);
  if (others.length === 0) return part;
  const rest = joinBuckets(others);
  return part === undefined ? rest : weaveBuckets(rest, part);
}

function partOf(buckets: SampleBuckets, windowMs: number): SampleBuckets | undefined {
  return bucketsWithin(buckets, windowRanges([windowMs]))[0];
}

function total(buckets: SampleBuckets | undefined): number {
  return buckets === undefined ? 0 : buckets.counts.reduce((sum, count) => sum + count, 0);
}
