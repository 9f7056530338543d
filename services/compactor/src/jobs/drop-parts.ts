import { type ClickHouse, ClickHouseServerError } from "@monotreme/clickhouse";
import { AppError } from "@monotreme/errors";
import { type BlockCatalog, type BlockRecord, readSampleParts, unfoldedParts } from "@monotreme/storage";

/** The part is gone or is being merged: what is left of it is folded in again later. */
const TOLERATED = new Set([232, 384, 388, 647]);

export interface DropOptions {
  readonly clickhouse: ClickHouse;
  readonly catalog: BlockCatalog;
  readonly signal: AbortSignal;
  /** Throws where the lease is not held. */
  readonly guard: () => void;
}

/** What went away. */
export interface DropResult {
  readonly parts: number;
  readonly rows: number;
}

/**
 * Removes the rows of a window that are in its block. The catalog forgets them first: whatever is left of them after a
 * crash, or comes under a name that they had, counts as new and is folded in again.
 */
export async function dropFoldedParts(
  current: BlockRecord,
  { clickhouse, catalog, signal, guard }: DropOptions,
): Promise<DropResult> {
  const { parts } = await readSampleParts(clickhouse, { windowMs: current.startMs, signal });
  const unfolded = new Set(unfoldedParts(parts, current.inputs).map(({ name }) => name));
  const folded = parts.filter(({ name }) => !unfolded.has(name));
  guard();
  await catalog.forgetInputs(current);
  let dropped: DropResult = { parts: 0, rows: 0 };
  for (const { name, rows } of folded) {
    guard();
    if (await dropPart(clickhouse, name, signal)) dropped = { parts: dropped.parts + 1, rows: dropped.rows + rows };
  }
  return dropped;
}

async function dropPart(clickhouse: ClickHouse, name: string, signal: AbortSignal): Promise<boolean> {
  if (!/^[\w-]+$/.test(name)) {
    throw new AppError("BLOCK_PART_NAME_INVALID", "internal", `a part of samples has the name ${name}`);
  }
  try {
    await clickhouse.command(`ALTER TABLE samples DROP PART '${name}'`, { signal });
    return true;
  } catch (error) {
    if (error instanceof ClickHouseServerError && TOLERATED.has(error.serverCode)) return false;
    throw error;
  }
}
