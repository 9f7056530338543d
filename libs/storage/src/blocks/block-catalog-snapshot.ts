import { type Resolution, RESOLUTIONS, startOf, WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import { SAMPLE_PARTS, unfoldedParts } from "./block-catalog-parts.ts";
import { int64Text } from "../row-condition.ts";

/** What stands at one resolution for a window: buckets made of a generation of its raw samples. */
export interface WindowSource {
  readonly generation: number;
  readonly isDropped: boolean;
}

/**
 * Which blocks there are over a range of time, at one moment. It never changes; a reader that keeps one for longer than
 * it may miss late samples in buckets, never in raw samples (for these, rows and chunks decide by themselves).
 */
export class BlockSnapshot {
  /** Windows (their starts) with rows that are in no block yet. */
  readonly unfoldedWindows: ReadonlySet<number>;
  readonly #raw: ReadonlyMap<number, WindowSource>;
  readonly #windows: { readonly firstMs: number; readonly lastMs: number };
  #firstRawMs = Infinity;
  #lastRawMs = -Infinity;
  /** By resolution, then by window. */
  readonly #buckets: ReadonlyMap<number, ReadonlyMap<number, WindowSource>>;

  constructor(
    raw: ReadonlyMap<number, WindowSource>,
    buckets: ReadonlyMap<number, ReadonlyMap<number, WindowSource>>,
    unfoldedWindows: ReadonlySet<number>,
  ) {
    this.#raw = raw;
    this.#buckets = buckets;
    this.unfoldedWindows = unfoldedWindows;
    const known = [raw.keys(), unfoldedWindows, ...[...buckets.values()].map((ofResolution) => ofResolution.keys())];
    let [firstMs, lastMs] = [Infinity, -Infinity];
    for (const starts of known) {
      for (const startMs of starts) {
        if (startMs < firstMs) firstMs = startMs;
        if (startMs > lastMs) lastMs = startMs;
      }
    }
    this.#windows = { firstMs, lastMs };
    for (const [startMs, { isDropped }] of raw) {
      if (isDropped) continue;
      if (startMs < this.#firstRawMs) this.#firstRawMs = startMs;
      if (startMs > this.#lastRawMs) this.#lastRawMs = startMs;
    }
  }

  /** The starts of the first and the last window of which anything is known; infinities where nothing is. */
  get windows(): { readonly firstMs: number; readonly lastMs: number } {
    return this.#windows;
  }

  /** How many windows have buckets of a resolution. */
  bucketWindows({ resolutionMs }: Pick<Resolution, "resolutionMs">): number {
    return this.#buckets.get(resolutionMs)?.size ?? 0;
  }

  /** Whether there may be raw chunks with samples in `(afterMs, untilMs]`. */
  mayHaveRaw({ afterMs, untilMs }: { readonly afterMs: number; readonly untilMs: number }): boolean {
    return this.#firstRawMs < untilMs && this.#lastRawMs + WINDOW_MS > afterMs;
  }

  /** The current generation of a window's raw block; undefined where there is none (any more). */
  rawGeneration(windowMs: number): number | undefined {
    const source = this.#raw.get(windowMs);
    return source?.isDropped === true ? undefined : source?.generation;
  }

  /** Whether raw samples of the window were dropped by retention, so that coarser data is all there is. */
  isRawDropped(windowMs: number): boolean {
    return this.#raw.get(windowMs)?.isDropped === true;
  }

  /**
   * Whether the buckets of a window at 5m or 1h say the same as its samples: made of the current generation, and no row
   * waits. Where retention dropped the raw block, what buckets there are is all there is; where there is nothing of a
   * window at all, nothing is the right answer.
   */
  isFresh({ resolutionMs }: Pick<Resolution, "resolutionMs">, windowMs: number): boolean {
    if (this.unfoldedWindows.has(windowMs)) return false;
    const raw = this.#raw.get(windowMs);
    if (raw === undefined) return true;
    const made = this.#buckets.get(resolutionMs)?.get(windowMs);
    if (made === undefined) return false;
    return raw.isDropped || made.generation === raw.generation;
  }

  /** Whether there are buckets of the window at all. */
  hasBuckets({ resolutionMs }: Pick<Resolution, "resolutionMs">, windowMs: number): boolean {
    return this.#buckets.get(resolutionMs)?.get(windowMs)?.isDropped === false;
  }
}

/** The first and the last sample that are asked for. */
export interface SnapshotRange {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Stands for parts of `samples` in the answer's column of resolutions. */
const PARTS = 4_294_967_295;
const LONGEST_BLOCK_MS = Math.max(...RESOLUTIONS.map(({ blockMs }) => blockMs));

/** What `blocks` says of a range of time. It never changes. */
export interface KnownBlocks {
  readonly raw: ReadonlyMap<number, WindowSource>;
  /** By window: the parts of `samples` that its raw block was made of and that are not dropped yet. */
  readonly rawInputs: ReadonlyMap<number, readonly string[]>;
  readonly buckets: ReadonlyMap<number, ReadonlyMap<number, WindowSource>>;
}

/** Names of the parts of `samples`, by the start of their window. */
export type PartNames = ReadonlyMap<number, readonly { readonly name: string }[]>;

/** Both as of one moment: read in one statement, as rows are dropped once their block is noted. */
export interface BlocksAndParts {
  readonly blocks: KnownBlocks;
  readonly parts: PartNames;
}

/** What there is over a range of time. */
export async function readBlockSnapshot(
  clickhouse: ClickHouse,
  range: SnapshotRange,
  signal?: AbortSignal,
): Promise<BlockSnapshot> {
  return snapshotOf(await readBlocksAndParts(clickhouse, range, signal));
}

/** Reads what there is over a range of time. */
export async function readBlocksAndParts(
  clickhouse: ClickHouse,
  { fromMs, untilMs }: SnapshotRange,
  signal?: AbortSignal,
): Promise<BlocksAndParts> {
  const query = `SELECT resolution, toFloat64(start) AS start_ms, toFloat64(generation) AS generation_number,
      state = 'dropped' AS is_dropped, inputs
    FROM (SELECT resolution, start, generation, state, inputs FROM blocks FINAL
      WHERE state IN ('ready', 'dropped') AND start >= {from:Int64} AND start < {until:Int64}
      ORDER BY resolution, start, generation DESC LIMIT 1 BY resolution, start)
    UNION ALL
    SELECT toUInt32(${PARTS}), toFloat64(toInt64OrZero(partition)) * ${WINDOW_MS}, 0, 0, [name]
    FROM system.parts WHERE ${SAMPLE_PARTS}
      AND toInt64OrZero(partition) >= {firstWindow:Int64} AND toInt64OrZero(partition) <= {lastWindow:Int64}`;
  const firstMs = startOf(clamp(fromMs), WINDOW_MS);
  const parameters = {
    from: int64Text(startOf(firstMs, LONGEST_BLOCK_MS)),
    until: int64Text(clamp(untilMs)),
    firstWindow: int64Text(firstMs / WINDOW_MS),
    lastWindow: int64Text(startOf(clamp(untilMs), WINDOW_MS) / WINDOW_MS),
  };
  const [blocks, parts] = [new KnownBlocksBuilder(), new Map<number, { readonly name: string }[]>()];
  for await (const block of clickhouse.selectNative(query, { parameters, ...(signal && { signal }) })) {
    const [resolutions, starts] = [block.uint32("resolution"), block.float64("start_ms")];
    const [generations, dropped] = [block.float64("generation_number"), block.int8("is_dropped")];
    for (const [row, inputs] of block.lists("inputs").entries()) {
      const startMs = starts[row]!;
      const source = { generation: generations[row]!, isDropped: dropped[row] === 1 };
      if (resolutions[row] === PARTS) addPart(parts, startMs, inputs[0]!);
      else blocks.add(resolutions[row]!, startMs, source, inputs);
    }
  }
  return { blocks, parts };
}

export function addPart(parts: Map<number, { readonly name: string }[]>, windowMs: number, name: string): void {
  const known = parts.get(windowMs);
  if (known === undefined) parts.set(windowMs, [{ name }]);
  else known.push({ name });
}

/** Puts together what was read, all of it over the same range of time. */
export function snapshotOf({ blocks, parts }: BlocksAndParts): BlockSnapshot {
  const unfolded = new Set<number>();
  for (const [windowMs, ofWindow] of parts) {
    if (unfoldedParts(ofWindow, blocks.rawInputs.get(windowMs) ?? []).length > 0) unfolded.add(windowMs);
  }
  return new BlockSnapshot(blocks.raw, blocks.buckets, unfolded);
}

/** `start:generation` of a raw window, as the inputs of a 5m or 1h block name it. */
export function windowInput(windowMs: number, generation: number): string {
  return `${windowMs}:${generation}`;
}

/** The raw windows that a 5m or 1h block was made of, with their generations. */
export function windowInputs(inputs: readonly string[]): Map<number, number> {
  const windows = new Map<number, number>();
  for (const input of inputs) {
    const colon = input.lastIndexOf(":");
    windows.set(Number(input.slice(0, colon)), Number(input.slice(colon + 1)));
  }
  return windows;
}

class KnownBlocksBuilder implements KnownBlocks {
  readonly raw = new Map<number, WindowSource>();
  readonly rawInputs = new Map<number, readonly string[]>();
  readonly buckets = new Map<number, Map<number, WindowSource>>();

  add(resolutionMs: number, startMs: number, source: WindowSource, inputs: readonly string[]): void {
    if (resolutionMs === 0) {
      this.raw.set(startMs, source);
      this.rawInputs.set(startMs, inputs);
      return;
    }
    const ofResolution = this.buckets.get(resolutionMs) ?? new Map<number, WindowSource>();
    this.buckets.set(resolutionMs, ofResolution);
    for (const [windowMs, generation] of windowInputs(inputs)) {
      ofResolution.set(windowMs, { generation, isDropped: source.isDropped });
    }
  }
}

function clamp(timestampMs: number): number {
  return Math.min(Math.max(timestampMs, -(2 ** 53)), 2 ** 53);
}
