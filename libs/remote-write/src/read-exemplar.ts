import { compareUtf8, Labels } from "@monotreme/model";
import { type ProtobufReader, WIRE } from "./protobuf-reader.ts";
import { BadProtobufError } from "./remote-write-error.ts";

/** An exemplar of a series. */
export interface ReadExemplar {
  readonly labels: Labels;
  readonly value: number;
  readonly timestampMs: number;
}

/** Upstream's bound: all names and values of an exemplar together, in characters. */
const MAX_LABELS_LENGTH = 128;

/** The same numbers in remote write 1.0 and 2.0; labels differ. */
const FIELD = { labels: 1, value: 2, timestamp: 3 } as const;

/**
 * Reads one exemplar message whose length comes next. `readLabels` adds the name and value of one label field (the tag
 * is read) or returns false where that is not possible. Undefined for one that must not be stored.
 */
export function readExemplar(
  reader: ProtobufReader,
  readLabels: (tag: number, pairs: [name: string, value: string][]) => boolean,
): ReadExemplar | undefined {
  const outerEnd = reader.end;
  reader.end = reader.lengthDelimitedEnd();
  const pairs: [name: string, value: string][] = [];
  let value = 0;
  let timestampMs = 0;
  let isReadable = true;
  while (reader.at < reader.end) {
    const tag = reader.tag();
    const field = tag >>> 3;
    if (field === FIELD.labels) isReadable = readLabels(tag, pairs) && isReadable;
    else if (field === FIELD.value) {
      requireWire(tag, WIRE.fixed64);
      value = reader.double();
    } else if (field === FIELD.timestamp) {
      requireWire(tag, WIRE.varint);
      timestampMs = reader.int64();
    } else reader.skip(tag);
  }
  reader.end = outerEnd;
  const labels = isReadable ? labelsOf(pairs) : undefined;
  return labels && { labels, value, timestampMs };
}

/** A label message of remote write 1.0. */
export function readExemplarLabel(reader: ProtobufReader, tag: number, pairs: [string, string][]): boolean {
  requireWire(tag, WIRE.bytes);
  const outerEnd = reader.end;
  reader.end = reader.lengthDelimitedEnd();
  const texts = new Map<number, string | undefined>();
  while (reader.at < reader.end) {
    const inner = reader.tag();
    const field = inner >>> 3;
    if (field !== 1 && field !== 2) reader.skip(inner);
    else {
      requireWire(inner, WIRE.bytes);
      texts.set(field, reader.text());
    }
  }
  reader.end = outerEnd;
  pairs.push([texts.get(1) ?? "", texts.get(2) ?? ""]);
  return ![...texts.values()].includes(undefined);
}

function labelsOf(pairs: [string, string][]): Labels | undefined {
  const length = pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (length > MAX_LABELS_LENGTH) return undefined;
  pairs.sort(([a], [b]) => compareUtf8(a, b));
  const isFaulty = pairs.some(([name], i) => name === "" || name === pairs[i - 1]?.[0]);
  return isFaulty ? undefined : Labels.fromSortedPairs(pairs.flat());
}

function requireWire(tag: number, wire: number): void {
  if ((tag & 7) !== wire) throw new BadProtobufError("a field of an exemplar has a wrong wire type");
}
