import { type NativeHistogram, wordsOf, writeStaleAt } from "@monotreme/model";
import protobuf from "protobufjs";
import { expect, test } from "vitest";
import { ProtobufReader } from "./protobuf-reader.ts";
import { readHistogram } from "./read-histogram.ts";

/** prometheus.Histogram, as the specification gives it. */
const SCHEMA = `syntax = "proto3";
message Span { sint32 offset = 1; uint32 length = 2; }
message Histogram { uint64 count_int = 1; double count_float = 2; double sum = 3; sint32 schema = 4;
  double zero_threshold = 5; uint64 zero_count_int = 6; double zero_count_float = 7;
  repeated Span negative_spans = 8; repeated sint64 negative_deltas = 9; repeated double negative_counts = 10;
  repeated Span positive_spans = 11; repeated sint64 positive_deltas = 12; repeated double positive_counts = 13;
  int32 reset_hint = 14; int64 timestamp = 15; repeated double custom_values = 16; int64 start_timestamp = 17; }`;
const Histogram = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType("Histogram");

function read(message: Readonly<Record<string, unknown>>): ReturnType<typeof readHistogram> {
  return readHistogram(new ProtobufReader(Histogram.encodeDelimited(message).finish()));
}

const f = (name: string, message: Record<string, unknown>, expected: Partial<NativeHistogram> | string) =>
  test(`histogram message - ${name}`, () => {
    const { histogram, fault } = read(message);
    if (typeof expected === "string") expect(fault).toContain(expected);
    else expect({ fault, ...histogram }).toMatchObject({ fault: undefined, ...expected });
  });

f(
  "integer counts are summed up from their deltas, gaps are filled",
  {
    count_int: 12,
    sum: 18.4,
    schema: 1,
    zero_threshold: 0.001,
    zero_count_int: 2,
    positive_spans: [
      { offset: -3, length: 2 },
      { offset: 1, length: 2 },
    ],
    positive_deltas: [1, 1, -1, 0],
    negative_spans: [{ offset: 4, length: 1 }],
    negative_deltas: [5],
    reset_hint: 2,
    timestamp: -7,
  },
  {
    schema: 1,
    count: 12,
    sum: 18.4,
    zeroCount: 2,
    counterResetHint: "not-reset",
    positiveOffset: -3,
    positiveBuckets: [1, 2, 0, 1, 1],
    negativeOffset: 4,
    negativeBuckets: [5],
  },
);
f(
  "float counts are taken as they are",
  { count_float: 1.5, positive_spans: [{ offset: 0, length: 2 }], positive_counts: [0.25, 1], reset_hint: 3 },
  { count: 1.5, positiveBuckets: [0.25, 1], counterResetHint: "gauge" },
);
f(
  "custom buckets",
  {
    count_int: 3,
    schema: -53,
    positive_spans: [{ offset: 1, length: 2 }],
    positive_deltas: [1, 1],
    custom_values: [1, 5],
  },
  { schema: -53, customBounds: [1, 5], positiveOffset: 1, positiveBuckets: [1, 2] },
);
f(
  "a resolution that is too high is lowered",
  { count_int: 6, schema: 10, positive_spans: [{ offset: 1, length: 6 }], positive_deltas: [1, 0, 0, 0, 0, 0] },
  { schema: 8, positiveOffset: 1, positiveBuckets: [4, 2] },
);
f(
  "buckets very far from each other are taken together",
  {
    count_int: 2,
    schema: 8,
    positive_spans: [
      { offset: 0, length: 1 },
      { offset: 200_000, length: 1 },
    ],
    positive_deltas: [1, 0],
  },
  { schema: 3, positiveOffset: 0, count: 2 },
);
f("a count that is not the sum of its buckets", { count_int: 3, zero_count_int: 2 }, "its buckets hold 2 observations");
f("observations of NaN are in no bucket", { count_int: 3, zero_count_int: 2, sum: Number.NaN }, { count: 3 });
f("a negative count", { count_int: 0, positive_spans: [{ offset: 0, length: 1 }], positive_deltas: [-1] }, "negative");
f("more buckets than counts", { count_int: 0, positive_spans: [{ offset: 0, length: 4e9 }] }, "more buckets");
f("fewer buckets than counts", { count_int: 1, positive_deltas: [1] }, "fewer buckets");
f("a schema that no one knows", { schema: -5 }, "schema -5");
f("custom bounds that do not ascend", { schema: -53, custom_values: [2, 2] }, "do not ascend");
f(
  "spans that run backwards",
  {
    count_int: 2,
    positive_spans: [
      { offset: 0, length: 1 },
      { offset: -1, length: 1 },
    ],
    positive_deltas: [1, 0],
  },
  "negative offset",
);
f(
  "buckets beyond every resolution",
  {
    count_int: 2,
    positive_spans: [
      { offset: 0, length: 1 },
      { offset: 2 ** 31 - 1, length: 1 },
    ],
    positive_deltas: [1, 0],
  },
  "span more than",
);

test("histogram message - a stale one is told by the bits of its sum", () => {
  const sum = new Float64Array(1);
  writeStaleAt(wordsOf(sum), 0);
  const bytes = Histogram.encodeDelimited({ sum: 1, timestamp: 5 }).finish();
  bytes.set(new Uint8Array(sum.buffer), bytes.indexOf((3 << 3) | 1) + 1);
  expect(readHistogram(new ProtobufReader(bytes))).toMatchObject({
    isStale: true,
    histogram: undefined,
    timestampMs: 5,
  });
});
