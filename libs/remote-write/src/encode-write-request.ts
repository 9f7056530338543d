import { type Labels, type MetricMetadata, wordsOf } from "@monotreme/model";
import { ProtobufWriter } from "./protobuf-writer.ts";
import { METADATA_TYPES } from "./read-metadata.ts";

/** A series with its samples as columns of one length; the bits of the values are sent as they are. */
export interface WriteSeries {
  readonly labels: Labels;
  readonly timestampsMs: ArrayLike<number>;
  readonly values: Float64Array;
}

/** Encodes prometheus.WriteRequest (remote write 1.0), as Prometheus' own sender lays it out; not compressed. */
export function encodeWriteRequest(series: Iterable<WriteSeries>, metadata: Iterable<MetricMetadata> = []): Uint8Array {
  const writer = new ProtobufWriter();
  for (const one of series) writer.message(1, () => writeSeries(writer, one));
  for (const one of metadata) writer.message(3, () => writeMetadata(writer, one));
  return writer.toBytes();
}

function writeSeries(writer: ProtobufWriter, series: WriteSeries): void {
  for (const [name, value] of series.labels) {
    writer.message(1, () => {
      writer.text(1, name);
      writer.text(2, value);
    });
  }
  const words = wordsOf(series.values);
  for (let i = 0; i < series.values.length; i++) {
    writer.message(2, () => {
      writer.fixed64(1, words[i * 2] ?? 0, words[i * 2 + 1] ?? 0);
      writer.int64(2, series.timestampsMs[i] ?? 0);
    });
  }
}

function writeMetadata(writer: ProtobufWriter, metadata: MetricMetadata): void {
  writer.int64(1, METADATA_TYPES.indexOf(metadata.type));
  writer.text(2, metadata.metric);
  writer.text(4, metadata.help);
  writer.text(5, metadata.unit);
}
