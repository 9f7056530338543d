import { COUNTER_RESET_HINTS, type Labels, type MetricMetadata, type NativeHistogram, wordsOf } from "@monotreme/model";
import type { ReadExemplar } from "./read-exemplar.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";
import { METADATA_TYPES } from "./read-metadata.ts";

/** A series for {@link encodeWriteRequestV2}; start timestamps are epoch ms, 0 = unknown. */
export interface WriteSeriesV2 {
  readonly labels: Labels;
  readonly timestampsMs?: ArrayLike<number>;
  readonly values?: Float64Array;
  readonly startTimestampsMs?: ArrayLike<number>;
  readonly histograms?: readonly { readonly timestampMs: number; readonly histogram: NativeHistogram }[];
  readonly exemplars?: readonly ReadExemplar[];
  readonly metadata?: Omit<MetricMetadata, "metric">;
}

/** Encodes io.prometheus.write.v2.Request (remote write 2.0); histograms as float ones. Not compressed. */
export function encodeWriteRequestV2(series: readonly WriteSeriesV2[]): Uint8Array {
  const symbols = new Map<string, number>([["", 0]]);
  const refOf = (text: string): number => {
    const known = symbols.get(text);
    if (known !== undefined) return known;
    symbols.set(text, symbols.size);
    return symbols.size - 1;
  };
  const body = new ProtobufWriter();
  for (const one of series) body.message(5, () => writeSeries(body, one, refOf));
  const table = new ProtobufWriter();
  for (const text of symbols.keys()) table.message(4, () => table.rawText(text));
  return Buffer.concat([table.toBytes(), body.toBytes()]);
}

function writeSeries(writer: ProtobufWriter, series: WriteSeriesV2, refOf: (text: string) => number): void {
  writeRefs(writer, series.labels, refOf);
  const { values = new Float64Array(), metadata } = series;
  const words = wordsOf(values);
  for (let i = 0; i < values.length; i++) {
    writer.message(2, () => {
      writer.fixed64(1, words[i * 2] ?? 0, words[i * 2 + 1] ?? 0);
      writer.int64(2, series.timestampsMs?.[i] ?? 0);
      writer.int64(3, series.startTimestampsMs?.[i] ?? 0);
    });
  }
  for (const { timestampMs, histogram } of series.histograms ?? []) {
    writer.message(3, () => writeHistogram(writer, timestampMs, histogram));
  }
  for (const { labels, value, timestampMs } of series.exemplars ?? []) {
    writer.message(4, () => {
      writeRefs(writer, labels, refOf);
      writer.double(2, value);
      writer.int64(3, timestampMs);
    });
  }
  if (metadata === undefined) return;
  writer.message(5, () => {
    writer.int64(1, METADATA_TYPES.indexOf(metadata.type));
    writer.int64(3, refOf(metadata.help));
    writer.int64(4, refOf(metadata.unit));
  });
}

function writeRefs(writer: ProtobufWriter, labels: Labels, refOf: (text: string) => number): void {
  writer.message(1, () => {
    for (const [name, value] of labels) for (const text of [name, value]) writer.rawVarint(refOf(text));
  });
}

/** prometheus.Histogram with float counts and one span a side. */
function writeHistogram(writer: ProtobufWriter, timestampMs: number, histogram: NativeHistogram): void {
  writer.double(2, histogram.count);
  writer.double(3, histogram.sum);
  writer.int64(4, zigzag(histogram.schema));
  writer.double(5, histogram.zeroThreshold);
  writer.double(7, histogram.zeroCount);
  writeSide(writer, [8, 10], histogram.negativeOffset, histogram.negativeBuckets);
  writeSide(writer, [11, 13], histogram.positiveOffset, histogram.positiveBuckets);
  writer.int64(14, COUNTER_RESET_HINTS.indexOf(histogram.counterResetHint));
  writer.int64(15, timestampMs);
  writer.packedDoubles(16, histogram.customBounds);
}

function writeSide(
  writer: ProtobufWriter,
  [spans, counts]: readonly [number, number],
  offset: number,
  buckets: readonly number[],
): void {
  if (buckets.length === 0) return;
  writer.message(spans, () => {
    writer.int64(1, zigzag(offset));
    writer.int64(2, buckets.length);
  });
  writer.packedDoubles(counts, buckets);
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
