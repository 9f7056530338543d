import { FIVE_MINUTES, ONE_HOUR, RAW, type Resolution, RESOLUTIONS, startOf, WINDOW_MS } from "@monotreme/blocks";
import { horizonOf, type RetentionPolicy } from "@monotreme/retention";
import { LONGEST_PARTITION_MS, type Partition } from "./partitions.ts";

/** What is known of the blocks of a window, as the snapshot of the catalog answers it. */
export interface WindowStates {
  isFresh(resolution: Resolution, windowMs: number): boolean;
  isRawDropped(windowMs: number): boolean;
}

export interface RetentionTimesNow {
  readonly policy: RetentionPolicy;
  readonly nowMs: number;
  readonly exemplarsMs: number;
}

/** A partition that is old enough to go, and stays because something has to be made of it first. */
export interface WaitingPartition {
  readonly partition: Partition;
  readonly reason: "buckets are not made" | "rows are not folded in";
}

export interface RetentionPlan {
  readonly expired: readonly Partition[];
  readonly waiting: readonly WaitingPartition[];
}

/**
 * Which partitions go: those of which every sample is beyond its time, and of which the coarser resolution that is kept
 * is made. Pure.
 */
export function planRetention(
  partitions: readonly Partition[],
  times: RetentionTimesNow,
  windows: WindowStates,
): RetentionPlan {
  const expired: Partition[] = [];
  const waiting: WaitingPartition[] = [];
  for (const partition of partitions) {
    if (partition.untilMs > horizonOfPartition(partition, times)) continue;
    const reason = waitingReason(partition, times, windows);
    if (reason === undefined) expired.push(partition);
    else waiting.push({ partition, reason });
  }
  return { expired, waiting };
}

/**
 * Which partitions go because all tables together take more than they may: the oldest first, raw samples before
 * 5-minute buckets before 1-hour buckets, and never any of the last two days. Pure.
 */
export function planSizeBound(
  partitions: readonly Partition[],
  { totalBytes, maxBytes, nowMs }: { readonly totalBytes: number; readonly maxBytes: number; readonly nowMs: number },
): readonly Partition[] {
  const candidates = partitions
    .filter(({ kind, untilMs }) => kind !== "index" && untilMs <= nowMs - PROTECTED_MS)
    .toSorted((a, b) => rankOf(a) - rankOf(b) || a.untilMs - b.untilMs || b.bytes - a.bytes);
  const chosen: Partition[] = [];
  let left = totalBytes;
  for (const partition of candidates) {
    if (left <= maxBytes) break;
    chosen.push(partition);
    left -= partition.bytes;
  }
  return chosen;
}

const PROTECTED_MS = 2 * 86_400_000;

function rankOf({ kind }: Partition): number {
  if (kind === "1h") return 2;
  return kind === "5m" ? 1 : 0;
}

/** Samples at this instant and before are beyond their time. */
function horizonOfPartition({ kind, className }: Partition, { policy, nowMs, exemplarsMs }: RetentionTimesNow): number {
  switch (kind) {
    case "raw":
      return horizonOf(policy, className, RAW, nowMs);
    case "5m":
      return horizonOf(policy, className, FIVE_MINUTES, nowMs);
    case "1h":
      return horizonOf(policy, className, ONE_HOUR, nowMs);
    case "rows":
    case "histograms":
    case "starts":
      return nowMs - policy.longestMs(RAW);
    case "exemplars":
      return nowMs - exemplarsMs;
    case "index":
      // Buckets may outlive their time by what a partition covers, and are found by their series as long.
      return nowMs - longestOfAll(policy) - LONGEST_PARTITION_MS;
  }
}

function longestOfAll(policy: RetentionPolicy): number {
  return Math.max(...RESOLUTIONS.map((resolution) => policy.longestMs(resolution)));
}

function waitingReason(
  partition: Partition,
  { policy, nowMs }: RetentionTimesNow,
  windows: WindowStates,
): WaitingPartition["reason"] | undefined {
  const { kind, className, untilMs } = partition;
  switch (kind) {
    case "rows":
      // Late samples are added to the buckets of their window even where its raw samples are gone.
      return untilMs <= nowMs - longestOfAll(policy) ? undefined : "rows are not folded in";
    case "raw":
      return policy.isMade(className, FIVE_MINUTES) && !isMadeFrom(partition, FIVE_MINUTES, windows)
        ? "buckets are not made"
        : undefined;
    case "5m":
      return policy.isMade(className, ONE_HOUR) && !isMadeFrom(partition, ONE_HOUR, windows)
        ? "buckets are not made"
        : undefined;
    case "1h":
    case "histograms":
    case "starts":
    case "exemplars":
    case "index":
      return undefined;
  }
}

/** Where the raw samples are gone, what there is of coarser resolutions is all there will ever be. */
function isMadeFrom({ kind, fromMs, untilMs }: Partition, resolution: Resolution, windows: WindowStates): boolean {
  for (let windowMs = startOf(fromMs + 1, WINDOW_MS); windowMs < untilMs; windowMs += WINDOW_MS) {
    if (windows.isFresh(resolution, windowMs)) continue;
    if (kind === "raw" && windows.isRawDropped(windowMs)) continue;
    return false;
  }
  return true;
}
