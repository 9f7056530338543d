import { FIVE_MINUTES, ONE_HOUR, RAW, type Resolution, startOf, WINDOW_MS } from "@monotreme/blocks";
import type { BlockSnapshot } from "./block-catalog-snapshot.ts";
import type { OpenRange } from "./chunk-assembler.ts";
import type { DeletionMasks } from "./deletion-masks.ts";

/** Ranges of one resolution: in time order, apart, their borders on windows but for the first and the last. */
export interface LevelRanges {
  readonly resolution: Resolution;
  readonly ranges: readonly OpenRange[];
}

/** What is known of the blocks. */
export interface LevelState {
  readonly snapshot: BlockSnapshot;
  readonly masks: DeletionMasks;
}

/**
 * From which resolution each part of a range is read to answer at `resolution`: from that one where its buckets say the
 * same as the samples, else from the next finer. Where samples were forgotten, from the finest that is left.
 */
export function planLevels(resolution: Resolution, range: OpenRange, state: LevelState): readonly LevelRanges[] {
  const levels = [RAW, FIVE_MINUTES, ONE_HOUR].filter(({ resolutionMs }) => resolutionMs <= resolution.resolutionMs);
  const rangesOf = new Map(levels.map((level) => [level, [] as { afterMs: number; untilMs: number }[]]));
  let current: { level: Resolution; untilMs: number } | undefined;
  const { firstMs, lastMs } = windowsIn(range, state.snapshot);
  for (let windowMs = firstMs; windowMs <= lastMs; windowMs += WINDOW_MS) {
    const level = levelOf(levels, windowMs, state);
    const ranges = rangesOf.get(level)!;
    const untilMs = Math.min(windowMs + WINDOW_MS, range.untilMs);
    const last = ranges.at(-1);
    if (current?.level === level && last !== undefined) last.untilMs = untilMs;
    else ranges.push({ afterMs: Math.max(windowMs, range.afterMs), untilMs });
    current = { level, untilMs };
  }
  return levels.flatMap((level) => {
    const ranges = rangesOf.get(level)!;
    return ranges.length === 0 ? [] : { resolution: level, ranges };
  });
}

/** The finest resolution (ms) at which everything in the range still exists: 0 where no samples were forgotten. */
export function finestWithin(range: OpenRange, snapshot: BlockSnapshot): number {
  let finestMs = 0;
  const { firstMs, lastMs } = windowsIn(range, snapshot);
  for (let windowMs = firstMs; windowMs <= lastMs; windowMs += WINDOW_MS) {
    if (!snapshot.isRawDropped(windowMs)) continue;
    if (snapshot.hasBuckets(FIVE_MINUTES, windowMs)) finestMs = Math.max(finestMs, FIVE_MINUTES.resolutionMs);
    else if (snapshot.hasBuckets(ONE_HOUR, windowMs)) return ONE_HOUR.resolutionMs;
  }
  return finestMs;
}

/** The starts of the windows of the range that anything is known of. */
function windowsIn({ afterMs, untilMs }: OpenRange, snapshot: BlockSnapshot): { firstMs: number; lastMs: number } {
  const known = snapshot.windows;
  // A millisecond later, because a range begins after its first instant.
  const firstMs = Math.max(startOf(afterMs + 1, WINDOW_MS), known.firstMs);
  return { firstMs, lastMs: Math.min(startOf(untilMs, WINDOW_MS), known.lastMs) };
}

function levelOf(levels: readonly Resolution[], windowMs: number, { snapshot, masks }: LevelState): Resolution {
  const isForgotten = snapshot.isRawDropped(windowMs);
  // Buckets cannot be cut where a deletion begins or ends within them.
  const isWhole = isForgotten || masks.within(windowMs, WINDOW_MS).length === 0;
  const coarsestFirst = levels.toReversed();
  const isUsable = (level: Resolution): boolean =>
    isForgotten ? snapshot.hasBuckets(level, windowMs) : isWhole && snapshot.isFresh(level, windowMs);
  return coarsestFirst.find((level) => level === RAW || isUsable(level)) ?? RAW;
}
