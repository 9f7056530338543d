import { WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import type { Labels } from "@monotreme/model";
import type { SeriesSamples } from "@monotreme/promql";
import type { BlocksNow } from "./blocks/block-view.ts";
import { CHUNK_COLUMNS, ChunkAssembler } from "./blocks/chunk-assembler.ts";
import type { RowRequest } from "./histogram-reader.ts";
import { SeriesAssembler } from "./series-assembler.ts";

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

/** Reads rows and chunks side by side; a sample that is in both counts once. */
export async function readSamples(clickhouse: ClickHouse, read: SampleRead): Promise<ReadSamples> {
  const [rows, chunks] = await Promise.all([
    readRows(clickhouse, read),
    read.blocks.snapshot.mayHaveRaw(read) ? readChunks(clickhouse, read) : undefined,
  ]);
  return {
    finish: (labelsOf) => {
      const series: SeriesSamples[] = [];
      const add = (labels: Labels | undefined, samples: Omit<SeriesSamples, "labels"> | undefined): void => {
        if (labels !== undefined && samples !== undefined && samples.timestamps.length > 0) {
          series.push({ labels, ...samples });
        }
      };
      for (const { metricId, seriesId, samples } of rows.finish()) {
        add(labelsOf(metricId, seriesId), chunks === undefined ? samples : chunks.take(metricId, seriesId, samples));
      }
      for (const [metricId, seriesId] of chunks?.remaining() ?? []) {
        const labels = labelsOf(metricId, seriesId);
        if (labels !== undefined) add(labels, chunks?.take(metricId, seriesId));
      }
      return series;
    },
  };
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
