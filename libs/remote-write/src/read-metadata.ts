import type { MetricMetadata, MetricType } from "@monotreme/model";
import { type ProtobufReader, WIRE } from "./protobuf-reader.ts";
import { BadProtobufError } from "./remote-write-error.ts";

/** prometheus.MetricMetadata.MetricType by number; numbers beyond it mean unknown. */
export const METADATA_TYPES: readonly MetricType[] = [
  "unknown",
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
];

/** prometheus.MetricMetadata. */
const FIELD = { type: 1, metric: 2, help: 4, unit: 5 } as const;

/** Reads one metadata message whose length comes next; undefined where it names no metric or is not UTF-8. */
export function readMetadata(reader: ProtobufReader): MetricMetadata | undefined {
  const outerEnd = reader.end;
  reader.end = reader.lengthDelimitedEnd();
  let type: MetricType = "unknown";
  const texts = new Map<number, string | undefined>();
  while (reader.at < reader.end) {
    const tag = reader.tag();
    const field = tag >>> 3;
    if (field === FIELD.type) {
      if ((tag & 7) !== WIRE.varint) throw new BadProtobufError("a metadata type has a wrong wire type");
      type = METADATA_TYPES[reader.int64()] ?? "unknown";
    } else if (field === FIELD.metric || field === FIELD.help || field === FIELD.unit) {
      if ((tag & 7) !== WIRE.bytes) throw new BadProtobufError("a metadata text has a wrong wire type");
      texts.set(field, reader.text());
    } else {
      reader.skip(tag);
    }
  }
  reader.end = outerEnd;
  const metric = texts.get(FIELD.metric) ?? "";
  if (metric === "" || [...texts.values()].includes(undefined)) return undefined;
  return { metric, type, help: texts.get(FIELD.help) ?? "", unit: texts.get(FIELD.unit) ?? "" };
}
