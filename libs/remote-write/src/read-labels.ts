import { compareUtf8, Labels, MAX_LABELS_LENGTH, METRIC_NAME } from "@monotreme/model";
import { ProtobufReader, WIRE } from "./protobuf-reader.ts";
import { BadProtobufError } from "./remote-write-error.ts";

/** Why a series' labels cannot be stored; Prometheus skips such series of remote write 1.0 and still answers 204. */
export const LABEL_FAULTS = ["no_metric_name", "empty_name", "duplicate_name", "invalid_utf8", "too_long"] as const;

export type LabelFault = (typeof LABEL_FAULTS)[number];

const LABEL_FIELD = (1 << 3) | WIRE.bytes;
const NAME_FIELD = (1 << 3) | WIRE.bytes;
const VALUE_FIELD = (2 << 3) | WIRE.bytes;

/**
 * Reads the label fields of one TimeSeries message within `[start, end)` and sorts them; other fields are skipped.
 * Returns the fault where a series with these labels must not be stored, and throws RemoteWriteError where the bytes
 * themselves are broken. Labels with empty values are left out, because they mean no label.
 */
export function readLabels(bytes: Uint8Array, start: number, end: number): Labels | LabelFault {
  const reader = new ProtobufReader(bytes, start, end);
  const names: string[] = [];
  const values: string[] = [];
  let fault: LabelFault | undefined;
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag !== LABEL_FIELD) {
      if (tag >>> 3 === 1) throw new BadProtobufError("a label has a wrong wire type");
      reader.skip(tag);
      continue;
    }
    fault = readLabel(reader, names, values) ?? fault;
  }
  return fault ?? labelsFromTexts(names, values);
}

/** Adds one label to the columns; returns its fault. */
function readLabel(reader: ProtobufReader, names: string[], values: string[]): LabelFault | undefined {
  const outerEnd = reader.end;
  reader.end = reader.lengthDelimitedEnd();
  let name: string | undefined = "";
  let value: string | undefined = "";
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === NAME_FIELD) name = reader.text();
    else if (tag === VALUE_FIELD) value = reader.text();
    else if (tag >>> 3 === 1 || tag >>> 3 === 2) throw new BadProtobufError("a label's text has a wrong wire type");
    else reader.skip(tag);
  }
  reader.end = outerEnd;
  if (name === undefined || value === undefined) return "invalid_utf8";
  names.push(name);
  values.push(value);
  return name === "" ? "empty_name" : undefined;
}

/** Sorts labels; the fault where they must not be stored. Names are not empty. */
export function labelsFromTexts(names: readonly string[], values: readonly string[]): Labels | LabelFault {
  const pairs: string[] = [];
  let previous: string | undefined;
  for (const index of sortedOrder(names)) {
    const name = names[index] as string;
    const value = values[index] as string;
    if (name === previous) return "duplicate_name";
    previous = name;
    if (value !== "") pairs.push(name, value);
  }
  const labels = Labels.fromSortedPairs(pairs);
  if (labels.length > MAX_LABELS_LENGTH) return "too_long";
  return labels.has(METRIC_NAME) ? labels : "no_metric_name";
}

/** Senders must sort their labels, and most do: then nothing is compared twice. */
function sortedOrder(names: readonly string[]): number[] {
  const order = names.map((_, i) => i);
  const isSorted = names.every((name, i) => i === 0 || compareUtf8(names[i - 1] as string, name) <= 0);
  return isSorted ? order : order.sort((a, b) => compareUtf8(names[a] as string, names[b] as string));
}
