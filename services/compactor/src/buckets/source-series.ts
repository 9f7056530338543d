import type { NativeBlock } from "@monotreme/clickhouse";
import type { ChunkSeries } from "@monotreme/storage";

/** One chunk of a series, still packed: a row of the block at hand. */
export interface SourceChunk {
  readonly block: NativeBlock;
  readonly row: number;
  readonly startMs: number;
  readonly generation: number;
}

/** The chunks of one series that count, oldest first. */
export interface SourceSeries extends ChunkSeries {
  readonly chunks: readonly SourceChunk[];
}

/** The columns that a {@link SourceCutter} reads, and the order that it needs. */
export const SOURCE_COLUMNS = `metric_id, series_id, toFloat64(start) AS start_ms,
  toFloat64(generation) AS generation_number, toString(class) AS class_name`;
export const SOURCE_ORDER = "metric_id, series_id, start, generation";

/** Cuts rows that come block by block, in {@link SOURCE_ORDER}, into series. It holds one series at a time. */
export class SourceCutter {
  #ids: Uint32Array | undefined;
  #className = "";
  #chunks: SourceChunk[] = [];

  /** The series that end within the block. */
  *add(block: NativeBlock): Generator<SourceSeries> {
    const [metricIds, seriesIds] = [block.words64("metric_id"), block.words64("series_id")];
    const [starts, generations] = [block.float64("start_ms"), block.float64("generation_number")];
    const classes = block.strings("class_name");
    for (let row = 0; row < block.rowCount; row++) {
      const words = [metricIds[row * 2]!, metricIds[row * 2 + 1]!, seriesIds[row * 2]!, seriesIds[row * 2 + 1]!];
      if (this.#ids === undefined || words.some((word, i) => word !== this.#ids?.[i])) {
        yield* this.finish();
        this.#ids = Uint32Array.from(words);
      }
      const chunk = { block, row, startMs: starts[row]!, generation: generations[row]! };
      // Of one start the last has the highest generation.
      if (this.#chunks.at(-1)?.startMs === chunk.startMs) this.#chunks.pop();
      this.#chunks.push(chunk);
      this.#className = classes[row]!;
    }
  }

  /** The last series, if there was one. */
  *finish(): Generator<SourceSeries> {
    if (this.#ids === undefined) return;
    const [metricIdLow = 0, metricIdHigh = 0, seriesIdLow = 0, seriesIdHigh = 0] = this.#ids;
    const series = { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, className: this.#className };
    const chunks = this.#chunks;
    this.#ids = undefined;
    this.#chunks = [];
    yield { ...series, chunks };
  }
}
