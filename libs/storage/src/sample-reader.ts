import { WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import type { Labels } from "@monotreme/model";
import type { SeriesSamples } from "@monotreme/promql";
import type { BlocksNow } from "./blocks/block-view.ts";
import { CHUNK_COLUMNS, ChunkAssembler } from "./blocks/chunk-assembler.ts";
import type { RowRequest } from "./histogram-reader.ts";
import { type AssembledSeries, SeriesAssembler } from "./series-assembler.ts";

/** The labels of a series by its two ids (`0n` as metric where all are of one), undefined for one not asked for. */
export type LabelsOfSeries = (metricId: bigint, seriesId: bigint) => Labels | undefined;

/** What is read of plain samples. */
export interface SampleRead extends Omit<RowRequest, "found"> {
  /** Condition on metric and series ids. */
  readonly ids: string;
  /** Samples with `afterMs < timestamp ≤ untilMs`. */
  readonly afterMs: number;
  readonly untilMs: number;
  /** The only metric that is read, where there is only one. */
  readonly metricId: bigint | undefined;
  readonly blocks: BlocksNow;
  /** Throws where that many more samples are too many. */
  readonly count: (samples: number) => void;
}

/** Samples that were read, and want only their labels. */
export interface ReadSamples {
  finish(labelsOf: LabelsOfSeries): readonly SeriesSamples[];
}

/** As {@link ReadSamples}, of which the series may be seen before their labels are known. */
export interface ReadPlainSamples extends ReadSamples {
  /** Every series in the range, once. */
  series(): Generator<AssembledSeries>;
}

/** Reads rows and chunks side by side; a sample that is in both counts once. */
export async function readSamples(clickhouse: ClickHouse, read: SampleRead): Promise<ReadPlainSamples> {
  const [rows, chunks] = await Promise.all([
    readRows(clickhouse, read),
    read.blocks.snapshot.mayHaveRaw(read) ? readChunks(clickhouse, read) : undefined,
  ]);
  const series = (isWanted: (metricId: bigint, seriesId: bigint) => boolean) => joined(rows, chunks, isWanted);
  return {
    series: () => series(() => true),
    finish: (labelsOf) => {
      const labelled: SeriesSamples[] = [];
      for (const { metricId, seriesId, samples } of series((...ids) => labelsOf(...ids) !== undefined)) {
        const labels = labelsOf(metricId, seriesId);
        if (labels !== undefined) labelled.push({ labels, ...samples });
      }
      return labelled;
    },
  };
}

function* joined(
  rows: SeriesAssembler,
  chunks: ChunkAssembler | undefined,
  isWanted: (metricId: bigint, seriesId: bigint) => boolean,
): Generator<AssembledSeries> {
  for (const { metricId, seriesId, samples: ofRows } of rows.finish()) {
    if (!isWanted(metricId, seriesId)) continue;
    const samples = chunks === undefined ? ofRows : chunks.take(metricId, seriesId, ofRows);
    if (samples !== undefined && samples.timestamps.length > 0) yield { metricId, seriesId, samples };
  }
  for (const [metricId, seriesId] of chunks?.remaining() ?? []) {
    if (!isWanted(metricId, seriesId)) continue;
    const samples = chunks?.take(metricId, seriesId);
    if (samples !== undefined && samples.timestamps.length > 0) yield { metricId, seriesId, samples };
  }
}

async function readRows(clickhouse: ClickHouse, read: SampleRead): Promise<SeriesAssembler> {
  const { condition, parameters, signal, count } = read;
  const isOneMetric = read.metricId !== undefined;
  const assembler = new SeriesAssembler();
  // The server turns timestamps into floats faster than this process could, and then they need no copy here.
  const columns = `${isOneMetric ? "" : "metric_id, "}series_id, toFloat64(ts) AS timestamp, value`;
  const query = `SELECT ${columns} FROM samples WHERE ${condition} ORDER BY metric_id, series_id, ts`;
  // The assembler keeps views of timestamps and values, of the ids only numbers.
  const transientColumns = ["metric_id", "series_id"];
  const blocks = clickhouse.selectNative(query, { parameters, transientColumns, ...(signal && { signal }) });
  for await (const block of blocks) {
    count(block.rowCount);
    assembler.add({
      rowCount: block.rowCount,
      metricIds: isOneMetric ? undefined : block.words64("metric_id"),
      seriesIds: block.words64("series_id"),
      timestamps: block.float64("timestamp"),
      values: block.float64("value"),
    });
  }
  return assembler;
}

async function readChunks(clickhouse: ClickHouse, read: SampleRead): Promise<ChunkAssembler> {
  const { ids, parameters, signal, metricId, count, afterMs, untilMs, blocks: now } = read;
  const isOneMetric = metricId !== undefined;
  const { masks } = now;
  const assembler = new ChunkAssembler({ afterMs, untilMs, masks, ...(isOneMetric && { metricId }) });
  const columns = `${isOneMetric ? "" : "metric_id, "}${CHUNK_COLUMNS}`;
  const query = `SELECT ${columns} FROM raw_chunks
    WHERE ${ids} AND start > {afterMs:Int64} - ${WINDOW_MS} AND start < {untilMs:Int64}`;
  const blocks = clickhouse.selectNative(query, { parameters, ...(signal && { signal }) });
  for await (const block of blocks) assembler.add(block, isOneMetric, count);
  return assembler;
}
