import type { NativeBlock } from "@monotreme/clickhouse";
import { collapseDuplicates, type SampleColumns } from "@monotreme/storage";

/** All samples of one series that the rows had: in time order, one a timestamp; ids as words. */
export interface CutSeries {
  readonly metricIdLow: number;
  readonly metricIdHigh: number;
  readonly seriesIdLow: number;
  readonly seriesIdHigh: number;
  readonly samples: SampleColumns;
}

type SeriesIds = Omit<CutSeries, "samples">;

/** Cuts rows that come block by block, sorted by metric, series and time, into series. It holds one series at a time. */
export class SeriesCutter {
  #ids: SeriesIds | undefined;
  #pieces: SampleColumns[] = [];

  /** The series that end within the block. */
  *add(block: NativeBlock): Generator<CutSeries> {
    const metricIds = block.words64("metric_id");
    const seriesIds = block.words64("series_id");
    const timestamps = block.float64("timestamp");
    const values = block.float64("value");
    for (let start = 0; start < block.rowCount; ) {
      const ids = {
        metricIdLow: metricIds[start * 2] ?? 0,
        metricIdHigh: metricIds[start * 2 + 1] ?? 0,
        seriesIdLow: seriesIds[start * 2] ?? 0,
        seriesIdHigh: seriesIds[start * 2 + 1] ?? 0,
      };
      const end = endOfRun(metricIds, seriesIds, start, block.rowCount);
      if (this.#ids !== undefined && !isSame(this.#ids, ids)) yield* this.finish();
      this.#ids = ids;
      this.#pieces.push({ timestamps: timestamps.subarray(start, end), values: values.subarray(start, end) });
      start = end;
    }
  }

  /** The last series, if there was one. */
  *finish(): Generator<CutSeries> {
    if (this.#ids === undefined) return;
    const series = { ...this.#ids, samples: collapseDuplicates(join(this.#pieces)) };
    this.#ids = undefined;
    this.#pieces = [];
    yield series;
  }
}

function isSame(a: SeriesIds, b: SeriesIds): boolean {
  return (
    a.seriesIdLow === b.seriesIdLow &&
    a.seriesIdHigh === b.seriesIdHigh &&
    a.metricIdLow === b.metricIdLow &&
    a.metricIdHigh === b.metricIdHigh
  );
}

/** The first row after `start` that is of another series. */
function endOfRun(metricIds: Uint32Array, seriesIds: Uint32Array, start: number, rowCount: number): number {
  const [metricLow, metricHigh] = [metricIds[start * 2], metricIds[start * 2 + 1]];
  const [seriesLow, seriesHigh] = [seriesIds[start * 2], seriesIds[start * 2 + 1]];
  let end = start + 1;
  while (
    end < rowCount &&
    seriesIds[end * 2] === seriesLow &&
    seriesIds[end * 2 + 1] === seriesHigh &&
    metricIds[end * 2] === metricLow &&
    metricIds[end * 2 + 1] === metricHigh
  ) {
    end++;
  }
  return end;
}

function join(pieces: readonly SampleColumns[]): SampleColumns {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  const length = pieces.reduce((sum, piece) => sum + piece.timestamps.length, 0);
  const timestamps = new Float64Array(length);
  const values = new Float64Array(length);
  let at = 0;
  for (const piece of pieces) {
    timestamps.set(piece.timestamps, at);
    // Between arrays of one type `set` copies bytes, so NaNs keep their payloads.
    values.set(piece.values, at);
    at += piece.timestamps.length;
  }
  return { timestamps, values };
}
