import {
  type ActiveDeletion,
  NOTHING_REMOVED,
  type Removed,
  type SampleColumns,
  withoutDeleted,
} from "@monotreme/storage";

/** The samples of a chunk that no deletion hides, in place, and how many each deletion took. */
export function removeDeleted(
  { timestamps, values }: SampleColumns,
  deletions: readonly ActiveDeletion[],
  generation: number,
): { readonly samples: SampleColumns; readonly removed: Removed } {
  let left = timestamps.length;
  let removed: Map<string, number> | undefined;
  // One after the other, so that each deletion is told what it took.
  for (const range of deletions) {
    const kept = withoutDeleted(timestamps, values, left, { ranges: [range], generation });
    if (kept < left) (removed ??= new Map<string, number>()).set(range.id, left - kept);
    left = kept;
  }
  const samples = { timestamps: timestamps.subarray(0, left), values: values.subarray(0, left) };
  return { samples, removed: removed ?? NOTHING_REMOVED };
}
