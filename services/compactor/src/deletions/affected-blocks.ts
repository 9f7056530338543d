import { FIVE_MINUTES, ONE_HOUR, RAW, type Resolution } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import {
  type BlockCatalog,
  type BlockHistory,
  blockHistories,
  type BlockKey,
  blockKeyText,
  type DeletionReceipt,
  resolutionOf,
} from "@monotreme/storage";
import { seriesCondition } from "./chunk-read.ts";

/** A block that still holds deleted samples, and the deletions that took them. */
export interface AffectedBlock {
  readonly key: BlockKey;
  readonly deletions: readonly string[];
}

/** The blocks in which series of the deletions have chunks of lower generations, oldest first. */
export async function findAffectedBlocks(
  clickhouse: ClickHouse,
  receipts: readonly DeletionReceipt[],
  signal: AbortSignal,
): Promise<AffectedBlock[]> {
  const blocks = new Map<string, { readonly key: BlockKey; readonly deletions: string[] }>();
  for (const receipt of receipts) {
    for (const resolution of [RAW, FIVE_MINUTES, ONE_HOUR]) {
      for (const startMs of await startsOf(clickhouse, receipt, resolution, signal)) {
        const key = { resolutionMs: resolution.resolutionMs, startMs };
        const known = blocks.get(blockKeyText(key));
        if (known === undefined) blocks.set(blockKeyText(key), { key, deletions: [receipt.id] });
        else known.deletions.push(receipt.id);
      }
    }
  }
  return [...blocks.values()].sort((a, b) => a.key.resolutionMs - b.key.resolutionMs || a.key.startMs - b.key.startMs);
}

/** Blocks with jobs of lower generations that never said how they ended, and may be at work. */
export async function findUnfinishedJobs(
  catalog: BlockCatalog,
  receipts: readonly DeletionReceipt[],
  signal: AbortSignal,
): Promise<AffectedBlock[]> {
  if (receipts.length === 0) return [];
  const histories = blockHistories(await catalog.read({ signal }));
  return [...histories.values()].filter(isUnfinished).flatMap(({ latest }) => {
    const { blockMs } = resolutionOf(latest.resolutionMs);
    const deletions = receipts
      .filter(({ generation }) => generation > latest.generation)
      .filter(({ fromMs, untilMs }) => fromMs <= latest.startMs + blockMs && untilMs > latest.startMs)
      .map(({ id }) => id);
    return deletions.length === 0 ? [] : { key: latest, deletions };
  });
}

function isUnfinished({ latest }: BlockHistory): boolean {
  return latest.state === "building" && latest.reason === "";
}

async function startsOf(
  clickhouse: ClickHouse,
  { id, fromMs, untilMs, generation }: DeletionReceipt,
  { resolutionMs, blockMs }: Resolution,
  signal: AbortSignal,
): Promise<number[]> {
  const isRaw = resolutionMs === RAW.resolutionMs;
  const [table, size] = isRaw ? ["raw_chunks", "samples"] : ["bucket_chunks", "buckets"];
  const query = `SELECT toFloat64(start) AS start_ms FROM (
      SELECT start, argMax(${size}, generation) AS left, max(${table}.generation) AS newest FROM ${table}
      WHERE ${isRaw ? "1" : `resolution = ${resolutionMs}`} AND ${seriesCondition}
        AND toFloat64(start) > {after:Float64} AND toFloat64(start) <= {until:Float64}
      GROUP BY metric_id, series_id, start)
    WHERE left > 0 AND newest < {generation:UInt64} GROUP BY start_ms ORDER BY start_ms`;
  const parameters = {
    deletions: [id],
    after: String(Math.max(fromMs - blockMs - 1, -(2 ** 53))),
    until: String(Math.min(untilMs, 2 ** 53)),
    generation: String(generation),
  };
  const starts: number[] = [];
  for await (const block of clickhouse.selectNative(query, { parameters, signal })) {
    starts.push(...block.float64("start_ms"));
  }
  // Blocks are left-open: one that begins at the last deleted instant, or ends before the first, holds nothing of it.
  return starts.filter((startMs) => startMs < untilMs && startMs + blockMs >= fromMs);
}
