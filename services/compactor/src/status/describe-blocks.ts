import { RESOLUTIONS } from "@monotreme/blocks";
import type { RunningBlock } from "@monotreme/contracts";
import { type BlockHistory, type BlockRecord, type BlockState, resolutionOf } from "@monotreme/storage";
import type { CatalogState, DueBlock, Plan } from "../plan/plan.ts";
import type { DiskSizes } from "./disk-sizes.ts";

/** Which blocks are wanted; absent fields do not filter. */
export interface BlocksFilter {
  /** `raw`, `5m`, `1h`. */
  readonly resolutions?: readonly string[];
  readonly states?: readonly BlockState[];
  /** Blocks that reach into `[startMs, endMs]`. */
  readonly startMs?: number;
  readonly endMs?: number;
  /** The newest so many of each resolution; all of them when not given. */
  readonly limit?: number;
}

/** A block as the API and the command line show it; times are RFC 3339. */
export interface DescribedBlock {
  readonly resolution: string;
  readonly start: string;
  readonly end: string;
  /** What became of its newest generation; `ready` blocks that are made anew say `building` while that lasts. */
  readonly state: BlockState;
  readonly generation: number;
  readonly series: number;
  readonly samples: number;
  /** Packed, before ClickHouse compresses them; on disk about half of it. */
  readonly bytes: number;
  readonly bytesPerSample: number;
  readonly minTime: string | null;
  readonly maxTime: string | null;
  readonly attempts: number;
  readonly reason: string;
  readonly holder: string;
  readonly updated: string;
  readonly progress?: DescribedProgress;
}

export interface DescribedProgress {
  readonly done: number;
  readonly total: number;
  /** 0 to 1. */
  readonly ratio: number;
  readonly started: string;
}

/** All blocks of one resolution together, whatever was filtered. */
export interface DescribedTotals {
  readonly resolution: string;
  readonly blocks: Readonly<Record<BlockState, number>>;
  readonly samples: number;
  /** Of all chunks, the replaced ones included until they are merged away. */
  readonly diskBytes: number;
  readonly diskBytesPerSample: number;
}

export interface DescribedBacklog {
  readonly resolution: string;
  readonly blocks: number;
  readonly oldestAgeSeconds: number;
}

/** The answer of `/api/v1/status/blocks`. */
export interface DescribedBlocks {
  readonly blocks: readonly DescribedBlock[];
  /** Blocks that satisfied the filter and were left out by the limit. */
  readonly omitted: number;
  readonly totals: readonly DescribedTotals[];
  readonly backlog: readonly DescribedBacklog[];
  readonly lateWindows: number;
  readonly setAside: number;
}

export interface BlocksInput {
  readonly state: CatalogState;
  readonly plan: Plan;
  readonly disk: DiskSizes;
  readonly running: readonly RunningBlock[];
}

/** Puts together what people want to know of blocks: newest first within each resolution. */
export function describeBlocks({ state, plan, disk, running }: BlocksInput, filter: BlocksFilter): DescribedBlocks {
  const histories = [...state.histories.values()].filter((history) => isWanted(history, filter));
  const newestFirst = histories.toSorted(
    ({ latest: a }, { latest: b }) => a.resolutionMs - b.resolutionMs || b.startMs - a.startMs,
  );
  const taken = new Map<number, number>();
  const listed = newestFirst.filter(({ latest: { resolutionMs } }) => {
    const count = (taken.get(resolutionMs) ?? 0) + 1;
    taken.set(resolutionMs, count);
    return count <= (filter.limit ?? Infinity);
  });
  return {
    blocks: listed.map((history) => describeBlock(history, running)),
    omitted: histories.length - listed.length,
    totals: RESOLUTIONS.map(({ name, resolutionMs }) =>
      describeTotals(
        name,
        [...state.histories.values()].filter(({ latest }) => latest.resolutionMs === resolutionMs),
        disk.get(resolutionMs) ?? 0,
      ),
    ),
    backlog: [
      describeBacklog("raw", plan.raw, state.nowMs),
      describeBacklog("5m", plan.fiveMinutes, state.nowMs),
      describeBacklog("1h", plan.oneHour, state.nowMs),
    ],
    lateWindows: plan.lateWindows,
    setAside: plan.setAside,
  };
}

/** An instant as RFC 3339, or as milliseconds where no calendar has it. */
export function timeText(timestampMs: number): string {
  const date = new Date(timestampMs);
  return Number.isNaN(date.getTime()) ? String(timestampMs) : date.toISOString();
}

/** What became of a block's newest generation; a dead process' attempt at a block that is ready does not matter. */
export function stateOf({ latest, current }: BlockHistory, isRunning: boolean): BlockState {
  if (latest.state !== "building" || isRunning || current === undefined) return latest.state;
  return "ready";
}

function isWanted(history: BlockHistory, { resolutions, states, startMs, endMs }: BlocksFilter): boolean {
  const { latest } = history;
  const { name, blockMs } = resolutionOf(latest.resolutionMs);
  if (resolutions !== undefined && !resolutions.includes(name)) return false;
  if (states !== undefined && !states.includes(stateOf(history, false))) return false;
  if (startMs !== undefined && latest.startMs + blockMs < startMs) return false;
  return endMs === undefined || latest.startMs < endMs;
}

function describeBlock(history: BlockHistory, running: readonly RunningBlock[]): DescribedBlock {
  const { latest, current } = history;
  const { name, blockMs } = resolutionOf(latest.resolutionMs);
  const job = running.find((one) => one.resolution === name && one.startMs === latest.startMs && one.kind !== "drop");
  const numbers: BlockRecord = current ?? latest;
  const hasSamples = numbers.samples > 0;
  return {
    resolution: name,
    start: timeText(latest.startMs),
    end: timeText(latest.startMs + blockMs),
    state: stateOf(history, job !== undefined),
    generation: numbers.generation,
    series: numbers.series,
    samples: numbers.samples,
    bytes: numbers.bytes,
    bytesPerSample: perSample(numbers.bytes, numbers.samples),
    minTime: hasSamples ? timeText(numbers.minMs) : null,
    maxTime: hasSamples ? timeText(numbers.maxMs) : null,
    attempts: latest.attempts,
    reason: latest.reason,
    holder: latest.holder,
    updated: timeText(latest.updatedMs),
    ...(job !== undefined && {
      progress: {
        done: job.done,
        total: job.total,
        ratio: job.total === 0 ? 0 : job.done / job.total,
        started: timeText(job.startedMs),
      },
    }),
  };
}

function describeTotals(resolution: string, histories: readonly BlockHistory[], diskBytes: number): DescribedTotals {
  const blocks = { building: 0, ready: 0, set_aside: 0, dropped: 0 };
  let samples = 0;
  for (const history of histories) {
    blocks[stateOf(history, false)] += 1;
    samples += history.current?.samples ?? 0;
  }
  return { resolution, blocks, samples, diskBytes, diskBytesPerSample: perSample(diskBytes, samples) };
}

function describeBacklog(resolution: string, due: readonly DueBlock[], nowMs: number): DescribedBacklog {
  const sinceMs = Math.min(nowMs, ...due.map(({ dueSinceMs }) => dueSinceMs));
  return { resolution, blocks: due.length, oldestAgeSeconds: Math.max(0, nowMs - sinceMs) / 1000 };
}

function perSample(bytes: number, samples: number): number {
  return samples === 0 ? 0 : Math.round((bytes / samples) * 1000) / 1000;
}

/** A filter's resolutions are of these names. */
export const RESOLUTION_NAMES: readonly string[] = RESOLUTIONS.map(({ name }) => name);
