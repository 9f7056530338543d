import type { BucketSpan } from "./dense-histogram.ts";
import { type ProtobufReader, WIRE } from "./protobuf-reader.ts";
import { BadProtobufError } from "./remote-write-error.ts";

const TWO_TO_64 = 2 ** 64;

/** Walks over the fields of the message whose length comes next; `readField` reads or skips the value of each tag. */
export function eachField(reader: ProtobufReader, readField: (tag: number) => void): void {
  const outerEnd = reader.end;
  reader.end = reader.lengthDelimitedEnd();
  while (reader.at < reader.end) readField(reader.tag());
  reader.end = outerEnd;
}

/** Reads a prometheus.BucketSpan: sint32 offset = 1, uint32 length = 2. */
export function readSpan(reader: ProtobufReader, tag: number): BucketSpan {
  requireWire(tag, WIRE.bytes);
  const outerEnd = reader.end;
  reader.end = reader.lengthDelimitedEnd();
  let offset = 0;
  let length = 0;
  while (reader.at < reader.end) {
    const inner = reader.tag();
    if (inner >>> 3 === 1) offset = zigzag(varint(reader, inner));
    else if (inner >>> 3 === 2) length = varint(reader, inner);
    else reader.skip(inner);
  }
  reader.end = outerEnd;
  return { offset, length };
}

/** Reads a repeated number, packed or one by one. */
export function readPacked(reader: ProtobufReader, tag: number, wire: number, readOne: () => void): void {
  if ((tag & 7) === wire) {
    readOne();
    return;
  }
  requireWire(tag, WIRE.bytes);
  const outerEnd = reader.end;
  reader.end = reader.lengthDelimitedEnd();
  while (reader.at < reader.end) readOne();
  reader.end = outerEnd;
}

/** Reads the varint of that tag. */
export function varint(reader: ProtobufReader, tag: number): number {
  requireWire(tag, WIRE.varint);
  return reader.int64();
}

/** Reads the double of that tag. */
export function double(reader: ProtobufReader, tag: number): number {
  requireWire(tag, WIRE.fixed64);
  return reader.double();
}

function requireWire(tag: number, wire: number): void {
  if ((tag & 7) !== wire) throw new BadProtobufError("a field has a wrong wire type");
}

/** A 64-bit varint as the unsigned number that was sent. */
export function unsigned(value: number): number {
  return value < 0 ? value + TWO_TO_64 : value;
}

/** A varint of type sint as the signed number that was sent. */
export function zigzag(value: number): number {
  const encoded = unsigned(value);
  return encoded % 2 === 0 ? encoded / 2 : -(encoded + 1) / 2;
}
