import type { ProtobufWriter } from "./protobuf-writer.ts";

/** A native histogram with absolute bucket counts, the buckets of each side without a gap from an index on. */
export interface ReadHistogram {
  readonly schema: number;
  readonly counterResetHint: "unknown" | "reset" | "not-reset" | "gauge";
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positiveOffset: number;
  readonly positiveBuckets: readonly number[];
  readonly negativeOffset: number;
  readonly negativeBuckets: readonly number[];
  readonly customBounds: readonly number[];
}

/** `prometheus.Histogram.ResetHint`, by number. */
const RESET_HINTS = ["unknown", "reset", "not-reset", "gauge"] as const;

/** Writes the fields of a `prometheus.Histogram` with float counts. */
export function writeReadHistogram(writer: ProtobufWriter, histogram: ReadHistogram, timestampMs: number): void {
  writer.double(2, histogram.count);
  writer.double(3, histogram.sum);
  writer.int64(4, zigzag(histogram.schema));
  writer.double(5, histogram.zeroThreshold);
  writer.double(7, histogram.zeroCount);
  writeBuckets(writer, 8, 10, histogram.negativeOffset, histogram.negativeBuckets);
  writeBuckets(writer, 11, 13, histogram.positiveOffset, histogram.positiveBuckets);
  writer.int64(14, RESET_HINTS.indexOf(histogram.counterResetHint));
  writer.int64(15, timestampMs);
  writer.bytes(16, packedDoubles(histogram.customBounds));
}

function writeBuckets(
  writer: ProtobufWriter,
  spanField: number,
  countField: number,
  offset: number,
  counts: readonly number[],
): void {
  if (counts.length === 0) return;
  writer.message(spanField, () => {
    writer.int64(1, zigzag(offset));
    writer.int64(2, counts.length);
  });
  writer.bytes(countField, packedDoubles(counts));
}

function packedDoubles(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(values).buffer);
}

/** A signed number as protobuf's sint32 has it. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
