import { BUCKET_COLUMNS, type BucketColumn, type Resolution, unpackBuckets } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import { BucketTimesCache, withoutDeletedBuckets } from "@monotreme/storage";
import { BucketWriter } from "../buckets/bucket-writer.ts";
import type { BlockWork, Rewritten } from "./block-work.ts";
import { READ_SETTINGS, seriesCondition } from "./chunk-read.ts";
import { chunkSeriesAt } from "./rewrite-raw.ts";

const EMPTY = { series: 0, samples: 0, bytes: 0, minMs: 0, maxMs: 0 };

/**
 * Writes chunks of buckets again without the buckets that a deletion touches: for those whose samples are gone, so that
 * they cannot be made again.
 */
export async function rewriteBuckets(
  clickhouse: ClickHouse,
  { context, masks }: BlockWork,
  { resolution, deletions }: { readonly resolution: Resolution; readonly deletions: readonly string[] },
): Promise<Rewritten> {
  const { record, current, signal } = context;
  const { startMs, generation } = record;
  const writer = new BucketWriter(clickhouse, resolution, context);
  const times = new BucketTimesCache(resolution.resolutionMs);
  let [chunks, removedBuckets] = [0, 0];
  const query = `SELECT class, metric_id, series_id, toFloat64(generation) AS chunk_generation, buckets, times,
      ${BUCKET_COLUMNS.join(", ")}
    FROM bucket_chunks WHERE resolution = ${resolution.resolutionMs} AND start = {start:Int64}
      AND bucket_chunks.generation < {generation:UInt64} AND ${seriesCondition}
    ORDER BY metric_id, series_id, chunk_generation DESC LIMIT 1 BY metric_id, series_id`;
  const parameters = { start: String(startMs), generation: String(generation), deletions };
  for await (const block of clickhouse.selectNative(query, { parameters, signal, settings: READ_SETTINGS })) {
    for (let row = 0; row < block.rowCount; row++) {
      const series = chunkSeriesAt(block, row);
      const { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh } = series;
      const chunkGeneration = block.float64("chunk_generation")[row]!;
      const hiding = masks
        .maskOf(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, startMs, resolution.blockMs)
        .filter((range) => chunkGeneration < range.generation);
      if (hiding.length === 0) continue;
      const packed: Partial<Record<BucketColumn, Uint8Array>> = {};
      for (const column of BUCKET_COLUMNS) {
        const { ends, bytes } = block.byteLists(column);
        packed[column] = bytes.subarray(ends[row - 1] ?? 0, ends[row]);
      }
      let left = unpackBuckets(packed, times.at(block.dictionary("times"), row, startMs));
      const removed = new Map<string, number>();
      for (const range of hiding) {
        const kept = withoutDeletedBuckets(left, [range]);
        const gone = left.ends.length - kept.ends.length;
        if (gone > 0) removed.set(range.id, gone);
        removedBuckets += gone;
        left = kept;
      }
      // Written in any case: a chunk of a higher generation says that nothing is hidden in it.
      writer.add(series, left, removed);
      chunks += 1;
      if (writer.isFull) await writer.flush();
    }
  }
  await writer.flush();
  return { chunks, removed: removedBuckets, numbers: current ?? EMPTY };
}
