import { ByteReader, unpackTimes, unpackValues, unreadableChunk } from "@monotreme/blocks";
import type { ClickHouse, NativeBlock } from "@monotreme/clickhouse";
import type { ChunkSeries, SampleColumns } from "@monotreme/storage";
import { ChunkWriter } from "../jobs/chunk-writer.ts";
import { readTotals } from "../jobs/raw-job.ts";
import type { BlockWork, Rewritten } from "./block-work.ts";
import { READ_SETTINGS, seriesCondition } from "./chunk-read.ts";
import { removeDeleted } from "./remove-deleted.ts";

const EMPTY = { series: 0, samples: 0, bytes: 0, minMs: 0, maxMs: 0 };

/** Writes the raw chunks of a window again that hold deleted samples, without these. */
export async function rewriteRaw(
  clickhouse: ClickHouse,
  { context, masks }: BlockWork,
  deletions: readonly string[],
): Promise<Rewritten> {
  const { record, current, signal } = context;
  const { startMs, generation } = record;
  const writer = new ChunkWriter(clickhouse, context);
  let [chunks, removedSamples] = [0, 0];
  const query = `SELECT class, metric_id, series_id, toFloat64(generation) AS chunk_generation, samples, times, data
    FROM raw_chunks WHERE start = {start:Int64} AND raw_chunks.generation < {generation:UInt64} AND ${seriesCondition}
    ORDER BY metric_id, series_id, chunk_generation DESC LIMIT 1 BY metric_id, series_id`;
  const parameters = { start: String(startMs), generation: String(generation), deletions };
  for await (const block of clickhouse.selectNative(query, { parameters, signal, settings: READ_SETTINGS })) {
    for (let row = 0; row < block.rowCount; row++) {
      const series = chunkSeriesAt(block, row);
      const chunkGeneration = block.float64("chunk_generation")[row]!;
      const hiding = masks
        .maskOf(series.metricIdLow, series.metricIdHigh, series.seriesIdLow, series.seriesIdHigh, startMs)
        .filter((range) => chunkGeneration < range.generation);
      if (hiding.length === 0) continue;
      const { samples, removed } = removeDeleted(samplesAt(block, row, startMs), hiding, chunkGeneration);
      // Written in any case: a chunk of a higher generation says that nothing is hidden in it.
      writer.add(series, samples, removed);
      for (const count of removed.values()) removedSamples += count;
      chunks += 1;
      if (writer.isFull) await writer.flush();
    }
  }
  await writer.flush();
  const { minMs, maxMs } = current ?? EMPTY;
  const numbers = chunks === 0 ? EMPTY : { ...(await readTotals(clickhouse, startMs, signal)), minMs, maxMs };
  return { chunks, removed: removedSamples, numbers };
}

/** The series of a row, and the class that its chunks have. */
export function chunkSeriesAt(block: NativeBlock, row: number): ChunkSeries {
  const [metricIds, seriesIds] = [block.words64("metric_id"), block.words64("series_id")];
  return {
    className: block.strings("class")[row] ?? "",
    metricIdLow: metricIds[row * 2]!,
    metricIdHigh: metricIds[row * 2 + 1]!,
    seriesIdLow: seriesIds[row * 2]!,
    seriesIdHigh: seriesIds[row * 2 + 1]!,
  };
}

function samplesAt(block: NativeBlock, row: number, startMs: number): SampleColumns {
  const { keys, indexes } = block.dictionary("times");
  const { ends, bytes } = block.byteLists("data");
  const timestamps = unpackTimes(keys[indexes[row]!]!, startMs);
  if (timestamps.length !== block.uint32("samples")[row]) {
    throw unreadableChunk("its times are not as many as its samples");
  }
  const values = new Float64Array(timestamps.length);
  unpackValues(bytes, new ByteReader(bytes, ends[row - 1] ?? 0, ends[row]!), values.length, values, 0);
  return { timestamps, values };
}
