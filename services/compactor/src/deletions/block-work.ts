import type { ClickHouse } from "@monotreme/clickhouse";
import { Breather } from "@monotreme/clock";
import { AppError, messageOf } from "@monotreme/errors";
import {
  type BlockCatalog,
  type BlockHistory,
  blockHistories,
  type BlockKey,
  blockKeyText,
  type BlockNumbers,
  DeletionMasks,
} from "@monotreme/storage";
import type { BlockLeases } from "../block-leases.ts";
import type { JobContext } from "../jobs/block-job.ts";

export interface BlockWorkOptions {
  readonly clickhouse: ClickHouse;
  readonly catalog: BlockCatalog;
  readonly leases: BlockLeases;
}

/** How much of a block was written again, and what the whole block holds then. */
export interface Rewritten {
  readonly chunks: number;
  /** Samples or buckets that were left out. */
  readonly removed: number;
  readonly numbers: BlockNumbers;
}

export interface BlockWork {
  readonly context: JobContext;
  /** The deletions as they were after the generation of this job was taken. */
  readonly masks: DeletionMasks;
}

const REASON = "samples were deleted";

/**
 * Writes chunks of a block again under its lease, as a generation of its own; the rows that the block was made of stay
 * noted. Undefined where somebody else works on the block.
 */
export async function workOnBlock(
  { clickhouse, catalog, leases }: BlockWorkOptions,
  key: BlockKey,
  { signal: outer, run }: { readonly signal: AbortSignal; readonly run: (work: BlockWork) => Promise<Rewritten> },
): Promise<Rewritten | undefined> {
  const lease = await leases.acquire(key, outer);
  if (lease === undefined) return undefined;
  const signal = AbortSignal.any([outer, lease.signal]);
  const guard = (): void => {
    signal.throwIfAborted();
    if (!lease.isHeld) throw new AppError("BLOCK_LEASE_LOST", "unavailable", "the lease of the block was lost");
  };
  try {
    const current = (await historyOf(catalog, key, signal))?.current;
    const record = await catalog.begin(key, 0, signal);
    const breather = new Breather();
    guard();
    try {
      const masks = await DeletionMasks.load(clickhouse, { signal });
      const rewritten = await run({
        context: { record, current, signal, guard, breathe: () => breather.breathe(), onProgress: () => undefined },
        masks,
      });
      guard();
      if (rewritten.chunks > 0 && current !== undefined)
        await catalog.publish(record, current.inputs, rewritten.numbers);
      else await catalog.interrupt(record, REASON);
      return rewritten;
    } catch (error) {
      await catalog.interrupt(record, messageOf(error) || REASON);
      throw error;
    }
  } finally {
    await lease.release();
  }
}

/**
 * Jobs of lower generations that began and may not have ended could still write what was deleted. Taking their lease
 * shows that they have; false where somebody holds it.
 */
export async function endUnfinishedJobs(
  { catalog, leases }: BlockWorkOptions,
  key: BlockKey,
  signal: AbortSignal,
): Promise<boolean> {
  const lease = await leases.acquire(key, signal);
  if (lease === undefined) return false;
  try {
    const records = await catalog.readBlock(key, signal);
    for (const record of records) {
      if (record.state === "building" && record.reason === "") await catalog.interrupt(record, "its process ended");
    }
    return true;
  } finally {
    await lease.release();
  }
}

async function historyOf(catalog: BlockCatalog, key: BlockKey, signal: AbortSignal): Promise<BlockHistory | undefined> {
  return blockHistories(await catalog.readBlock(key, signal)).get(blockKeyText(key));
}
