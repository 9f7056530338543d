import { isUtf8 } from "node:buffer";
import { compareUtf8, Labels, METRIC_NAME } from "@monotreme/model";
import { ProtobufReader, WIRE } from "./protobuf-reader.ts";
import { BadProtobufError } from "./remote-write-error.ts";

/** Why a series' labels cannot be stored; Prometheus skips such series of remote write 1.0 and still answers 204. */
export const LABEL_FAULTS = ["no_metric_name", "empty_name", "duplicate_name", "invalid_utf8"] as const;

export type LabelFault = (typeof LABEL_FAULTS)[number];

const LABEL_FIELD = (1 << 3) | WIRE.bytes;
const NAME_FIELD = (1 << 3) | WIRE.bytes;
const VALUE_FIELD = (2 << 3) | WIRE.bytes;

interface Text {
  readonly value: string;
  readonly isValid: boolean;
}

const EMPTY: Text = { value: "", isValid: true };

/**
 * Reads the label fields of one TimeSeries message within `[start, end)` and sorts them; other fields are skipped.
 * Returns the fault where a series with these labels must not be stored, and throws RemoteWriteError where the bytes
 * themselves are broken. Labels with empty values are left out, because they mean no label.
 */
export function readLabels(bytes: Uint8Array, start: number, end: number): Labels | LabelFault {
  const reader = new ProtobufReader(bytes, start, end);
  const entries: (readonly [name: string, value: string])[] = [];
  let fault: LabelFault | undefined;
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag !== LABEL_FIELD) {
      if (tag >>> 3 === 1) throw new BadProtobufError("a label has a wrong wire type");
      reader.skip(tag);
      continue;
    }
    const [name, value] = readLabel(reader);
    if (!name.isValid || !value.isValid) fault ??= "invalid_utf8";
    else if (name.value === "") fault ??= "empty_name";
    entries.push([name.value, value.value]);
  }
  return fault ?? toLabels(entries);
}

function toLabels(entries: (readonly [string, string])[]): Labels | LabelFault {
  entries.sort((a, b) => compareUtf8(a[0], b[0]));
  const pairs: string[] = [];
  let previous: string | undefined;
  for (const [name, value] of entries) {
    if (name === previous) return "duplicate_name";
    previous = name;
    if (value !== "") pairs.push(name, value);
  }
  const labels = Labels.fromSortedPairs(pairs);
  return labels.has(METRIC_NAME) ? labels : "no_metric_name";
}

function readLabel(reader: ProtobufReader): [name: Text, value: Text] {
  const outerEnd = reader.end;
  reader.end = reader.lengthDelimitedEnd();
  let name = EMPTY;
  let value = EMPTY;
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === NAME_FIELD) name = readText(reader);
    else if (tag === VALUE_FIELD) value = readText(reader);
    else if (tag >>> 3 === 1 || tag >>> 3 === 2) throw new BadProtobufError("a label's text has a wrong wire type");
    else reader.skip(tag);
  }
  reader.end = outerEnd;
  return [name, value];
}

function readText(reader: ProtobufReader): Text {
  const end = reader.lengthDelimitedEnd();
  const raw = Buffer.from(reader.bytes.buffer, reader.bytes.byteOffset + reader.at, end - reader.at);
  reader.at = end;
  return { value: raw.toString(), isValid: isUtf8(raw) };
}
