import { collapseDuplicates, type SampleColumns } from "./better-sample.ts";

/** Rows sorted by metric, series and time; ids as pairs of words, low word first. */
export interface SampleRows extends SampleColumns {
  readonly rowCount: number;
  /** Undefined where all rows are of one metric. */
  readonly metricIds: Uint32Array | undefined;
  readonly seriesIds: Uint32Array;
}

export interface AssembledSeries {
  readonly metricId: bigint;
  readonly seriesId: bigint;
  readonly samples: SampleColumns;
}

/**
 * Cuts sorted rows that come block by block into series. A series that lies within one block becomes a view of the
 * block's own bytes; only one that crosses a border is copied together, once.
 */
export class SeriesAssembler {
  readonly #series: AssembledSeries[] = [];
  #pieces: SampleColumns[] = [];
  #metricLow = 0;
  #metricHigh = 0;
  #seriesLow = 0;
  #seriesHigh = 0;

  add(rows: SampleRows): void {
    for (let start = 0; start < rows.rowCount; ) {
      const end = endOfRun(rows, start);
      if (!this.#continues(rows, start)) this.#begin(rows, start);
      this.#pieces.push({
        timestamps: rows.timestamps.subarray(start, end),
        values: rows.values.subarray(start, end),
      });
      start = end;
    }
  }

  /** Every series with one sample a timestamp; the assembler is done with them. */
  finish(): readonly AssembledSeries[] {
    this.#flush();
    return this.#series;
  }

  #continues({ metricIds, seriesIds }: SampleRows, row: number): boolean {
    return (
      this.#pieces.length > 0 &&
      seriesIds[row * 2] === this.#seriesLow &&
      seriesIds[row * 2 + 1] === this.#seriesHigh &&
      (metricIds === undefined ||
        (metricIds[row * 2] === this.#metricLow && metricIds[row * 2 + 1] === this.#metricHigh))
    );
  }

  #begin({ metricIds, seriesIds }: SampleRows, row: number): void {
    this.#flush();
    this.#seriesLow = seriesIds[row * 2] ?? 0;
    this.#seriesHigh = seriesIds[row * 2 + 1] ?? 0;
    this.#metricLow = metricIds?.[row * 2] ?? 0;
    this.#metricHigh = metricIds?.[row * 2 + 1] ?? 0;
  }

  #flush(): void {
    if (this.#pieces.length === 0) return;
    this.#series.push({
      metricId: idFromWords(this.#metricLow, this.#metricHigh),
      seriesId: idFromWords(this.#seriesLow, this.#seriesHigh),
      samples: collapseDuplicates(join(this.#pieces)),
    });
    this.#pieces = [];
  }
}

/** A 64-bit id from its two words. */
export function idFromWords(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

/** The first row after `start` that is of another series. */
function endOfRun({ rowCount, metricIds, seriesIds }: SampleRows, start: number): number {
  const low = seriesIds[start * 2];
  const high = seriesIds[start * 2 + 1];
  let end = start + 1;
  if (metricIds === undefined) {
    while (end < rowCount && seriesIds[end * 2] === low && seriesIds[end * 2 + 1] === high) end++;
    return end;
  }
  const metricLow = metricIds[start * 2];
  const metricHigh = metricIds[start * 2 + 1];
  while (
    end < rowCount &&
    seriesIds[end * 2] === low &&
    seriesIds[end * 2 + 1] === high &&
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
