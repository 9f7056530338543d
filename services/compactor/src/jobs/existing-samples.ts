import { ByteReader, unpackTimes, unpackValues, unreadableChunk } from "@monotreme/blocks";
import type { ClickHouse, NativeBlock } from "@monotreme/clickhouse";
import {
  type BlockRecord,
  collapseDuplicates,
  type DeletionMasks,
  mergeSamples,
  NOTHING_REMOVED,
  type Removed,
  type SampleColumns,
} from "@monotreme/storage";
import { removeDeleted } from "../deletions/remove-deleted.ts";
import type { CutSeries } from "./series-cutter.ts";

const CHUNKS = `SELECT metric_id, series_id, toFloat64(generation) AS chunk_generation, samples, times, data
  FROM raw_chunks WHERE start = {start:Int64} AND generation < {generation:UInt64}`;

interface ExistingChunk {
  readonly generation: number;
  readonly samples: SampleColumns;
}

/** What a series has in a window, and what deletions took out of the chunk that it had. */
export interface SeriesSamples {
  readonly samples: SampleColumns;
  readonly removed: Removed;
}

/**
 * The samples of each series: those of its rows, and those of the chunk that counts until now, without what was deleted
 * from it. Rows and chunk may hold the same samples; of equal timestamps one is left.
 */
export async function readExistingSamples(
  clickhouse: ClickHouse,
  { startMs, generation }: Pick<BlockRecord, "startMs" | "generation">,
  group: readonly CutSeries[],
  { masks, signal }: { readonly masks: DeletionMasks; readonly signal: AbortSignal },
): Promise<readonly SeriesSamples[]> {
  const chunks = new Map<string, ExistingChunk>();
  const pairs = group.map((series) => `(${idOf(series.metricIdHigh, series.metricIdLow)},${seriesIdOf(series)})`);
  const query = `${CHUNKS} AND (metric_id, series_id) IN (${pairs.join(",")})`;
  const parameters = { start: String(startMs), generation: String(generation) };
  // The last column is the large one; it is read for the chunks of this window only.
  const settings = { low_cardinality_allow_in_native_format: 1 } as const;
  for await (const block of clickhouse.selectNative(query, { parameters, signal, settings })) {
    addChunks(chunks, block, startMs);
  }
  return group.map((series) => {
    const chunk = chunks.get(keyOf(idOf(series.metricIdHigh, series.metricIdLow), seriesIdOf(series)));
    if (chunk === undefined) return { samples: series.samples, removed: NOTHING_REMOVED };
    const { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh } = series;
    const ranges = masks.maskOf(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, startMs);
    const { samples, removed } = removeDeleted(chunk.samples, ranges, chunk.generation);
    return { samples: collapseDuplicates(mergeSamples(samples, series.samples)), removed };
  });
}

/** Of each series the chunk of the highest generation. */
function addChunks(chunks: Map<string, ExistingChunk>, block: NativeBlock, startMs: number): void {
  const [metricIds, seriesIds] = [block.uint64("metric_id"), block.uint64("series_id")];
  const [generations, samples] = [block.float64("chunk_generation"), block.uint32("samples")];
  const { keys, indexes } = block.dictionary("times");
  const { ends, bytes } = block.byteLists("data");
  for (let row = 0; row < block.rowCount; row++) {
    const key = keyOf(metricIds[row] ?? 0n, seriesIds[row] ?? 0n);
    const generation = generations[row] ?? 0;
    if ((chunks.get(key)?.generation ?? -1) >= generation) continue;
    const timestamps = unpackTimes(keys[indexes[row] ?? 0] ?? new Uint8Array(0), startMs);
    if (timestamps.length !== samples[row]) throw unreadableChunk("its times are not as many as its samples");
    const values = new Float64Array(timestamps.length);
    unpackValues(bytes, new ByteReader(bytes, ends[row - 1] ?? 0, ends[row] ?? 0), values.length, values, 0);
    chunks.set(key, { generation, samples: { timestamps, values } });
  }
}

function seriesIdOf({ seriesIdHigh, seriesIdLow }: CutSeries): bigint {
  return idOf(seriesIdHigh, seriesIdLow);
}

function idOf(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

function keyOf(metricId: bigint, seriesId: bigint): string {
  return `${metricId}/${seriesId}`;
}
