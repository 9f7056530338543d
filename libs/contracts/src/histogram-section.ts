import { COUNTER_RESET_HINTS, type NativeHistogram } from "@monotreme/model";
import { GrowingFloats, GrowingInts, GrowingWords } from "./growing-columns.ts";
import { SampleBatchError } from "./sample-batch-error.ts";

/**
 * The section of native histograms of a sample batch: columns, each padded to a multiple of 8 bytes, in this order
 * (n = entry count of the section):
 *
 *   metric ids, series ids, timestamps (n × 8 each, as the batch's own columns)
 *   zero thresholds, zero counts, counts, sums (n × f64)
 *   schemas (n × i8) · hints (n × u8, index into COUNTER_RESET_HINTS)
 *   positive offsets, negative offsets (n × i32)
 *   lengths of the lists of positive buckets, negative buckets, custom bounds (n × u32 each)
 *   the values of all positive buckets, of all negative buckets, of all bounds (f64)
 *
 * Buckets are absolute counts, not cumulative, without gaps from the offset on.
 */
export interface HistogramColumns {
  readonly rowCount: number;
  readonly metricIds: Uint32Array;
  readonly seriesIds: Uint32Array;
  readonly timestamps: Uint32Array;
  readonly zeroThresholds: Float64Array;
  readonly zeroCounts: Float64Array;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly schemas: Int8Array;
  readonly hints: Uint8Array;
  readonly positiveOffsets: Int32Array;
  readonly negativeOffsets: Int32Array;
  readonly positiveBuckets: NumberListColumns;
  readonly negativeBuckets: NumberListColumns;
  readonly customBounds: NumberListColumns;
}

/** Lists of numbers: how long each is, and all of them in turn. */
export interface NumberListColumns {
  readonly lengths: Uint32Array;
  readonly values: Float64Array;
}

/** Collects native histograms and lays them out as {@link HistogramColumns} documents. */
export class HistogramSectionWriter {
  readonly #metricIds = new GrowingWords();
  readonly #seriesIds = new GrowingWords();
  readonly #timestamps = new GrowingWords();
  readonly #scalars = [new GrowingFloats(), new GrowingFloats(), new GrowingFloats(), new GrowingFloats()] as const;
  readonly #schemas: number[] = [];
  readonly #hints: number[] = [];
  readonly #offsets = [new GrowingInts(), new GrowingInts()] as const;
  readonly #lengths = [new GrowingInts(), new GrowingInts(), new GrowingInts()] as const;
  readonly #lists = [new GrowingFloats(), new GrowingFloats(), new GrowingFloats()] as const;

  get count(): number {
    return this.#schemas.length;
  }

  get sizeBytes(): number {
    return this.count * 88 + this.#lists.reduce((sum, list) => sum + list.length * 8, 0);
  }

  add(
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    timestampMs: number,
    histogram: NativeHistogram,
  ): void {
    this.#metricIds.push(metricIdLow, metricIdHigh);
    this.#seriesIds.push(seriesIdLow, seriesIdHigh);
    this.#timestamps.pushInt64(timestampMs);
    const { zeroThreshold, zeroCount, count, sum } = histogram;
    for (const [i, value] of [zeroThreshold, zeroCount, count, sum].entries()) this.#scalars[i]?.push(value);
    this.#schemas.push(histogram.schema);
    this.#hints.push(COUNTER_RESET_HINTS.indexOf(histogram.counterResetHint));
    this.#offsets[0].push(histogram.positiveOffset);
    this.#offsets[1].push(histogram.negativeOffset);
    const { positiveBuckets, negativeBuckets, customBounds } = histogram;
    for (const [i, list] of [positiveBuckets, negativeBuckets, customBounds].entries()) {
      this.#lengths[i]?.push(list.length);
      this.#lists[i]?.pushAll(list);
    }
  }

  clear(): void {
    const columns = [this.#metricIds, this.#seriesIds, this.#timestamps, ...this.#scalars];
    for (const column of [...columns, ...this.#offsets, ...this.#lengths, ...this.#lists]) column.clear();
    this.#schemas.length = 0;
    this.#hints.length = 0;
  }

  /** The section, as a copy. */
  toBytes(): Uint8Array {
    const columns = [
      this.#metricIds.toBytes(),
      this.#seriesIds.toBytes(),
      this.#timestamps.toBytes(),
      ...this.#scalars.map((column) => column.toBytes()),
      new Uint8Array(Int8Array.from(this.#schemas).buffer),
      Uint8Array.from(this.#hints),
      ...[...this.#offsets, ...this.#lengths, ...this.#lists].map((column) => column.toBytes()),
    ];
    const section = new Uint8Array(columns.reduce((sum, column) => sum + align8(column.length), 0));
    let at = 0;
    for (const column of columns) {
      section.set(column, at);
      at += align8(column.length);
    }
    return section;
  }
}

/** Reads a section without a copy (its bytes are 8-byte aligned); throws SampleBatchError where it is broken. */
export function decodeHistogramColumns(bytes: Uint8Array, rowCount: number): HistogramColumns {
  let at = 0;
  const take = (length: number): [ArrayBufferLike, number] => {
    if (at + length > bytes.length) throw new SampleBatchError("cut short in its histograms");
    const start = bytes.byteOffset + at;
    at += align8(length);
    return [bytes.buffer, start];
  };
  const words = (): Uint32Array => new Uint32Array(...take(rowCount * 8), rowCount * 2);
  const floats = (count = rowCount): Float64Array => new Float64Array(...take(count * 8), count);
  const ints = (): Int32Array => new Int32Array(...take(rowCount * 4), rowCount);
  const lengths = (): Uint32Array => new Uint32Array(...take(rowCount * 4), rowCount);
  const columns = {
    rowCount,
    metricIds: words(),
    seriesIds: words(),
    timestamps: words(),
    zeroThresholds: floats(),
    zeroCounts: floats(),
    counts: floats(),
    sums: floats(),
    schemas: new Int8Array(...take(rowCount), rowCount),
    hints: new Uint8Array(...take(rowCount), rowCount),
    positiveOffsets: ints(),
    negativeOffsets: ints(),
  };
  const lists = [lengths(), lengths(), lengths()].map((of) => ({ lengths: of, total: sumOf(of) }));
  const [positiveBuckets, negativeBuckets, customBounds] = lists.map(({ lengths: of, total }) => ({
    lengths: of,
    values: floats(total),
  }));
  if (positiveBuckets === undefined || negativeBuckets === undefined || customBounds === undefined) {
    throw new SampleBatchError("its histograms lack a list");
  }
  return { ...columns, positiveBuckets, negativeBuckets, customBounds };
}

function sumOf(lengths: Uint32Array): number {
  let sum = 0;
  for (const length of lengths) sum += length;
  return sum;
}

function align8(length: number): number {
  return (length + 7) & ~7;
}
