import { type Matcher, type MatchType, PatternBudget } from "@monotreme/model";
import { ProtobufReader, WIRE } from "./protobuf-reader.ts";
import { BadProtobufError } from "./remote-write-error.ts";

/** The forms of an answer that clients may ask for (`prometheus.ReadRequest.ResponseType`). */
export type ReadResponseType = "samples" | "streamed-xor-chunks";

/** One query of a request: series that satisfy all matchers, samples between both instants (epoch ms), ends included. */
export interface ReadQuery {
  readonly startMs: number;
  readonly endMs: number;
  readonly matchers: readonly Matcher[];
}

/** `prometheus.ReadRequest`; the response types that we know, in the client's order of preference. */
export interface ReadRequest {
  readonly queries: readonly ReadQuery[];
  readonly acceptedTypes: readonly ReadResponseType[];
}

/** More queries or matchers than this in one request are refused; clients send one query with a handful. */
const MAX_QUERIES = 1000;
const MAX_MATCHERS = 1000;

const RESPONSE_TYPES: readonly ReadResponseType[] = ["samples", "streamed-xor-chunks"];
const MATCH_TYPES: readonly MatchType[] = ["=", "!=", "=~", "!~"];

/** Reads an uncompressed `prometheus.ReadRequest`; throws RemoteWriteError for anything else, bad patterns included. */
export function decodeReadRequest(bytes: Uint8Array): ReadRequest {
  const reader = new ProtobufReader(bytes);
  const queries: ReadQuery[] = [];
  const types: number[] = [];
  const patterns = new PatternBudget();
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === fieldTag(1, WIRE.bytes)) {
      if (queries.length === MAX_QUERIES) throw new BadProtobufError(`more than ${MAX_QUERIES} queries`);
      queries.push(readQuery(nested(reader), patterns));
    } else if (tag === fieldTag(2, WIRE.varint)) types.push(reader.int64());
    else if (tag === fieldTag(2, WIRE.bytes)) {
      const packed = nested(reader);
      while (packed.at < packed.end) types.push(packed.int64());
    } else reader.skip(tag);
  }
  return { queries, acceptedTypes: types.flatMap((type) => RESPONSE_TYPES[type] ?? []) };
}

function readQuery(reader: ProtobufReader, patterns: PatternBudget): ReadQuery {
  let startMs = 0;
  let endMs = 0;
  const matchers: Matcher[] = [];
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === fieldTag(1, WIRE.varint)) startMs = reader.int64();
    else if (tag === fieldTag(2, WIRE.varint)) endMs = reader.int64();
    else if (tag === fieldTag(3, WIRE.bytes)) {
      if (matchers.length === MAX_MATCHERS) throw new BadProtobufError(`more than ${MAX_MATCHERS} matchers`);
      matchers.push(readMatcher(nested(reader), patterns));
    } else reader.skip(tag);
  }
  return { startMs, endMs, matchers };
}

function readMatcher(reader: ProtobufReader, patterns: PatternBudget): Matcher {
  let typeNumber = 0;
  let name = "";
  let value = "";
  while (reader.at < reader.end) {
    const tag = reader.tag();
    if (tag === fieldTag(1, WIRE.varint)) typeNumber = reader.int64();
    else if (tag === fieldTag(2, WIRE.bytes)) name = readText(reader);
    else if (tag === fieldTag(3, WIRE.bytes)) value = readText(reader);
    else reader.skip(tag);
  }
  const type = MATCH_TYPES[typeNumber];
  if (type === undefined) throw new BadProtobufError(`matcher type ${typeNumber} does not exist`);
  if (name === "") throw new BadProtobufError("a matcher without a label name");
  try {
    return patterns.matcher(type, name, value);
  } catch {
    throw new BadProtobufError(
      `the pattern of the matcher on ${JSON.stringify(name)} is no regular expression, or too large a one`,
    );
  }
}

function readText(reader: ProtobufReader): string {
  const text = reader.text();
  if (text === undefined) throw new BadProtobufError("a matcher is not UTF-8");
  return text;
}

/** The message whose length comes next; the reader goes on behind it. */
function nested(reader: ProtobufReader): ProtobufReader {
  const end = reader.lengthDelimitedEnd();
  const inner = new ProtobufReader(reader.bytes, reader.at, end);
  reader.at = end;
  return inner;
}

function fieldTag(field: number, wireType: number): number {
  return field * 8 + wireType;
}
