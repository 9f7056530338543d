import { FIVE_MINUTES, ONE_HOUR, RAW, type Resolution, startOf, WINDOW_MS } from "@monotreme/blocks";
import {
  type BlockHistory,
  type BlockKey,
  blockKeyText,
  type BlockRecord,
  type SamplePart,
  unfoldedParts,
  windowInputs,
} from "@monotreme/storage";
import type { SourceWindow } from "../jobs/block-job.ts";
import { retryAtMs } from "./retry.ts";

/** Everything that a plan is made from, at one moment. */
export interface CatalogState {
  /** By the server's clock. */
  readonly nowMs: number;
  readonly parts: readonly SamplePart[];
  /** By `blockKeyText`. */
  readonly histories: ReadonlyMap<string, BlockHistory>;
  /** When each window was first seen with rows that are in no block. */
  readonly unfoldedSince: ReadonlyMap<number, number>;
}

export interface PlanOptions {
  /** A window is due so long after its end. */
  readonly delayMs: number;
  /** Late samples wait so long for others. */
  readonly lateDelayMs: number;
  /** Rows stay so long after they are in a block. */
  readonly graceMs: number;
}

/** A block that has to be made. */
export interface DueBlock {
  readonly key: BlockKey;
  /** Since when, by the server's clock. */
  readonly dueSinceMs: number;
  /** Not before then: it failed lately. */
  readonly retryAtMs: number;
}

export interface DueBuckets extends DueBlock {
  readonly remake: readonly SourceWindow[];
  readonly keep: readonly SourceWindow[];
}

/** A window whose folded rows may go. */
export interface DueDrop {
  readonly record: BlockRecord;
}

/** What there is to do, each list by start, oldest first. */
export interface Plan {
  readonly drops: readonly DueDrop[];
  readonly raw: readonly DueBlock[];
  readonly fiveMinutes: readonly DueBuckets[];
  readonly oneHour: readonly DueBuckets[];
  /** Windows with samples that came after their block was made, due or not. */
  readonly lateWindows: number;
  readonly setAside: number;
}

/** Parts by window. */
export function partsByWindow(parts: readonly SamplePart[]): Map<number, SamplePart[]> {
  const windows = new Map<number, SamplePart[]>();
  for (const part of parts) {
    const ofWindow = windows.get(part.startMs);
    if (ofWindow === undefined) windows.set(part.startMs, [part]);
    else ofWindow.push(part);
  }
  return windows;
}

/** Windows with rows that are in no block, and those rows' parts. */
export function unfoldedWindows(state: Pick<CatalogState, "parts" | "histories">): Map<number, readonly SamplePart[]> {
  const unfolded = new Map<number, readonly SamplePart[]>();
  for (const [startMs, parts] of partsByWindow(state.parts)) {
    const current = historyOf(state, { resolutionMs: RAW.resolutionMs, startMs })?.current;
    const waiting = unfoldedParts(parts, current?.inputs ?? []);
    if (waiting.length > 0) unfolded.set(startMs, waiting);
  }
  return unfolded;
}

/** Looks at everything and says what there is to do; it changes nothing. */
export function makePlan(state: CatalogState, options: PlanOptions): Plan {
  const unfolded = unfoldedWindows(state);
  const fresh = sourcesFromRaw(state);
  return {
    drops: dueDrops(state, options),
    raw: dueWindows(state, options, unfolded),
    fiveMinutes: dirtyBlocks(state, FIVE_MINUTES, fresh),
    oneHour: dirtyBlocks(state, ONE_HOUR, sourcesFromFiveMinutes(state, fresh)),
    lateWindows: [...unfolded.keys()].filter(
      (startMs) => historyOf(state, { resolutionMs: RAW.resolutionMs, startMs })?.current !== undefined,
    ).length,
    setAside: [...state.histories.values()].filter(({ latest }) => latest.state === "set_aside").length,
  };
}

/** Timestamps far beyond any calendar are left in their rows: their windows have no exact start. */
export function isExact(startMs: number): boolean {
  return Number.isSafeInteger(startMs) && Number.isSafeInteger(startMs + WINDOW_MS);
}

function dueWindows(
  state: CatalogState,
  { delayMs, lateDelayMs }: PlanOptions,
  unfolded: ReadonlyMap<number, readonly SamplePart[]>,
): DueBlock[] {
  const due: DueBlock[] = [];
  for (const [startMs, parts] of unfolded) {
    const modifiedMs = Math.min(...parts.map((part) => part.modifiedMs));
    const waitingSinceMs = Math.min(state.unfoldedSince.get(startMs) ?? Infinity, modifiedMs);
    const dueSinceMs = Math.max(startMs + WINDOW_MS + delayMs, waitingSinceMs + lateDelayMs);
    if (dueSinceMs > state.nowMs || !isExact(startMs)) continue;
    const key = { resolutionMs: RAW.resolutionMs, startMs };
    due.push({ key, dueSinceMs, retryAtMs: retryAtMs(historyOf(state, key)) });
  }
  return due.sort(byStart);
}

function dueDrops(state: CatalogState, { graceMs }: PlanOptions): DueDrop[] {
  const drops: DueDrop[] = [];
  for (const { current } of state.histories.values()) {
    if (current === undefined || current.resolutionMs !== RAW.resolutionMs || current.inputs.length === 0) continue;
    if (current.updatedMs + graceMs <= state.nowMs) drops.push({ record: current });
  }
  return drops.sort((a, b) => a.record.startMs - b.record.startMs);
}

interface Source extends SourceWindow {
  /** When it was published. */
  readonly updatedMs: number;
}

function sourcesFromRaw({ histories }: CatalogState): Map<number, Source> {
  const sources = new Map<number, Source>();
  for (const { current } of histories.values()) {
    if (current?.resolutionMs !== RAW.resolutionMs) continue;
    const { startMs, generation, updatedMs } = current;
    sources.set(startMs, { startMs, generation, updatedMs });
  }
  return sources;
}

/** Windows of which the 5m buckets are made of their present samples; 1h buckets are made of nothing else. */
function sourcesFromFiveMinutes({ histories }: CatalogState, raw: ReadonlyMap<number, Source>): Map<number, Source> {
  const sources = new Map<number, Source>();
  for (const { current } of histories.values()) {
    if (current?.resolutionMs !== FIVE_MINUTES.resolutionMs) continue;
    for (const [startMs, generation] of windowInputs(current.inputs)) {
      const isStale = raw.has(startMs) && raw.get(startMs)?.generation !== generation;
      if (!isStale) sources.set(startMs, { startMs, generation, updatedMs: current.updatedMs });
    }
  }
  return sources;
}

function dirtyBlocks(
  state: CatalogState,
  { resolutionMs, blockMs }: Resolution,
  sources: ReadonlyMap<number, Source>,
): DueBuckets[] {
  const blocks = new Map<number, Source[]>();
  for (const source of sources.values()) {
    // The block whose left-open span holds the window's.
    const startMs = startOf(source.startMs + 1, blockMs);
    const ofBlock = blocks.get(startMs);
    if (ofBlock === undefined) blocks.set(startMs, [source]);
    else ofBlock.push(source);
  }
  const dirty: DueBuckets[] = [];
  for (const [startMs, windows] of blocks) {
    const key = { resolutionMs, startMs };
    const history = historyOf(state, key);
    const made = windowInputs(history?.current?.inputs ?? []);
    const remake = windows.filter((window) => made.get(window.startMs) !== window.generation);
    if (remake.length === 0) continue;
    for (const { startMs: windowMs } of remake) made.delete(windowMs);
    const keep = Array.from(made, ([windowMs, generation]) => ({ startMs: windowMs, generation }));
    dirty.push({
      key,
      dueSinceMs: Math.min(...remake.map(({ updatedMs }) => updatedMs)),
      retryAtMs: retryAtMs(history),
      remake: remake.toSorted((a, b) => a.startMs - b.startMs),
      keep,
    });
  }
  return dirty.sort(byStart);
}

function historyOf({ histories }: Pick<CatalogState, "histories">, key: BlockKey): BlockHistory | undefined {
  return histories.get(blockKeyText(key));
}

function byStart(a: DueBlock, b: DueBlock): number {
  return a.key.startMs - b.key.startMs;
}
