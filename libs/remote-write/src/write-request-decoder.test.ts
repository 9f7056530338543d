import { Labels, STALE_NAN_HIGH, STALE_NAN_LOW, wordsOf, writeStaleAt } from "@monotreme/model";
import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { encodeWriteRequest, type WriteSeries } from "./encode-write-request.ts";
import { createLabelHashSeed } from "./label-hash.ts";
import { readLabels } from "./read-labels.ts";
import { RemoteWriteError } from "./remote-write-error.ts";
import { WriteRequestDecoder } from "./write-request-decoder.ts";

/** The schema of remote write 1.0, as the specification gives it. */
const SCHEMA = `syntax = "proto3";
message WriteRequest { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3; }
message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; repeated Exemplar exemplars = 3; repeated Histogram histograms = 4; }
message Label { string name = 1; string value = 2; }
message Sample { double value = 1; int64 timestamp = 2; }
message Exemplar { repeated Label labels = 1; double value = 2; int64 timestamp = 3; }
message Histogram { uint64 count_int = 1; double sum = 3; sint32 schema = 4; uint64 zero_count_int = 6; int64 timestamp = 15; }
message MetricMetadata { int32 type = 1; string metric_family_name = 2; string help = 4; string unit = 5; }`;
const WriteRequest = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType("WriteRequest");

interface PlainSeries {
  readonly labels: readonly { name: string; value: string }[];
  readonly samples: readonly { value: number; timestamp: number }[];
}

const seed = createLabelHashSeed();
const decoder = new WriteRequestDecoder();

/** What the decoder read, as plain objects; label faults by name. */
function decodePlain(bytes: Uint8Array): { labels: string; samples: { value: number; timestamp: number }[] }[] {
  const columns = decoder.decode(bytes, seed);
  const values = new Float64Array(columns.valueWords.buffer);
  return Array.from({ length: columns.seriesCount }, (_, series) => {
    const labels = readLabels(bytes, columns.labelStart[series] ?? 0, columns.labelEnd[series] ?? 0);
    const samples = [];
    for (let i = columns.sampleStart[series] ?? 0; i < (columns.sampleStart[series + 1] ?? 0); i++) {
      samples.push({ value: values[i] ?? 0, timestamp: columns.timestamps[i] ?? 0 });
    }
    return { labels: String(labels), samples };
  });
}

function encodePlain(timeseries: readonly PlainSeries[]): Uint8Array {
  return WriteRequest.encode({ timeseries }).finish();
}

function refusal(bytes: readonly number[] | Uint8Array): string {
  try {
    decoder.decode(Uint8Array.from(bytes), seed);
  } catch (error) {
    if (error instanceof RemoteWriteError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "accepted";
}

const timestamp = fc.oneof(
  fc.integer({ min: 1_600_000_000_000, max: 4_500_000_000_000 }),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 127, 128, 2 ** 32, -(2 ** 40), Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
);
const sample = fc.record({ value: fc.double(), timestamp });
const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 12 }), fc.string({ minLength: 100, maxLength: 300 }));
const labelMap = fc.dictionary(
  text.filter((name) => name !== ""),
  text.filter((value) => value !== ""),
  { maxKeys: 6 },
);
const series = fc
  .tuple(labelMap, fc.array(sample, { minLength: 1, maxLength: 4 }))
  .map(([map, samples]) => ({ labels: Labels.fromObject({ ...map, __name__: "m" }), samples }));

function plainOf(labels: Labels): { name: string; value: string }[] {
  return [...labels].map(([name, value]) => ({ name, value }));
}

describe("write request decoder", () => {
  test("write request decoder - reads what protobufjs encodes, whatever the labels, values and timestamps", () => {
    fc.assert(
      fc.property(fc.array(series, { maxLength: 5 }), (all) => {
        const bytes = encodePlain(all.map(({ labels, samples }) => ({ labels: plainOf(labels), samples })));
        const expected = all.map(({ labels, samples }) => ({
          labels: String(labels),
          samples: samples.map(({ value, timestamp: at }) => ({ value, timestamp: at })),
        }));
        expect(decodePlain(bytes)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  test("write request encoder - writes the same bytes as protobufjs", () => {
    const metadata = { metric: "m", type: "counter", help: "Hülfe", unit: "s" } as const;
    fc.assert(
      fc.property(fc.array(series, { maxLength: 4 }), (all) => {
        const ours = encodeWriteRequest(
          all.map(({ labels, samples }): WriteSeries => {
            const timestampsMs = samples.map((one) => one.timestamp);
            return { labels, timestampsMs, values: Float64Array.from(samples, (one) => one.value) };
          }),
          [metadata],
        );
        const decoded = WriteRequest.toObject(WriteRequest.decode(ours), { longs: Number });
        const theirs = all.map(({ labels, samples }) => ({
          labels: plainOf(labels),
          samples: samples.map((one) => ({
            ...(Object.is(one.value, 0) ? {} : { value: one.value }),
            ...(one.timestamp === 0 ? {} : { timestamp: one.timestamp }),
          })),
        }));
        expect(decoded["timeseries"] ?? []).toEqual(theirs);
        expect(decoded["metadata"]).toEqual([{ type: 1, metric_family_name: "m", help: "Hülfe", unit: "s" }]);
        expect(decoder.decode(ours, seed).metadata).toEqual([metadata]);
      }),
      { numRuns: 100 },
    );
  });

  test("write request decoder - keeps the bits of staleness markers", () => {
    const values = Float64Array.of(1, 2);
    writeStaleAt(wordsOf(values), 1);
    const labels = Labels.fromObject({ __name__: "up" });
    const columns = decoder.decode(encodeWriteRequest([{ labels, timestampsMs: [1, 2], values }]), seed);
    expect([...columns.valueWords.subarray(2, 4)]).toEqual([STALE_NAN_LOW, STALE_NAN_HIGH]);
  });

  test("write request decoder - reads exemplars and histograms, and skips unknown fields", () => {
    const bytes = WriteRequest.encode({
      timeseries: [
        {
          labels: [{ name: "__name__", value: "m" }],
          exemplars: [{ labels: [{ name: "trace_id", value: "x" }], value: 1, timestamp: 5 }],
          histograms: [{ count_int: 3, zero_count_int: 3, sum: 2, schema: 1, timestamp: 7 }, { count_int: 4 }],
          samples: [{ value: 1, timestamp: 5 }],
        },
        { labels: [{ name: "__name__", value: "only_histogram" }], histograms: [{ count_int: 3 }], exemplars: [{}] },
      ],
    }).finish();
    // Field 9 of the request: a group that holds a varint and a nested group.
    const withGroup = Uint8Array.from([...bytes, 0x4b, 0x08, 0x96, 0x01, 0x13, 0x14, 0x4c]);
    const columns = decoder.decode(withGroup, seed);
    expect(columns.seriesCount).toBe(2);
    expect(columns.exemplars).toMatchObject([
      { series: 0, value: 1, timestampMs: 5 },
      { series: 1, value: 0, timestampMs: 0 },
    ]);
    expect(columns.histograms).toMatchObject([
      { series: 0, timestampMs: 7, histogram: { count: 3, sum: 2, schema: 1 } },
    ]);
    expect(columns.faults.map(({ kind }) => kind)).toEqual(["histogram", "histogram"]);
  });

  test("write request decoder - leaves out series without samples and counts those without labels", () => {
    const bytes = encodePlain([
      { labels: [{ name: "__name__", value: "no_samples" }], samples: [] },
      {
        labels: [],
        samples: [
          { value: 1, timestamp: 1 },
          { value: 2, timestamp: 2 },
        ],
      },
      { labels: [{ name: "__name__", value: "kept" }], samples: [{ value: 3, timestamp: 3 }] },
    ]);
    expect(decodePlain(bytes)).toEqual([{ labels: "kept", samples: [{ value: 3, timestamp: 3 }] }]);
    const columns = decoder.decode(bytes, seed);
    expect([columns.unlabelledSeriesCount, columns.unlabelledSampleCount]).toEqual([1, 2]);
  });

  test("write request decoder - labels between and after samples belong to their series", () => {
    const label = (name: string, value: string): number[] => {
      const body = [0x0a, name.length, ...Buffer.from(name), 0x12, value.length, ...Buffer.from(value)];
      return [0x0a, body.length, ...body];
    };
    const one = [0x12, 2, 0x10, 7];
    const body = [...label("b", "2"), ...one, ...label("__name__", "m"), ...one, ...label("a", "1")];
    expect(decodePlain(Uint8Array.from([0x0a, body.length, ...body]))).toEqual([
      { labels: 'm{a="1", b="2"}', samples: [7, 7].map((at) => ({ value: 0, timestamp: at })) },
    ]);
  });

  test("write request decoder - tells thirty thousand similar series apart, and knows each again", () => {
    const seen = new Set<bigint>();
    for (let batch = 0; batch < 3; batch++) {
      const bytes = encodeWriteRequest(
        Array.from({ length: 10_000 }, (_, i) => {
          const labels = Labels.fromObject({ __name__: "m", a: String(batch), b: String(i), c: "x".repeat(i % 7) });
          return { labels, timestampsMs: [1], values: Float64Array.of(1) };
        }),
      );
      const hashes = [...hashesOf(bytes)];
      for (const hash of hashes) seen.add(hash);
      expect([...hashesOf(bytes)]).toEqual(hashes);
    }
    expect(seen.size).toBe(30_000);
    // Both halves must tell them apart nearly alone: 30 000 of 2^32 meet once in ten runs.
    expect(new Set([...seen].map((hash) => hash >> 32n)).size).toBeGreaterThan(29_990);
    expect(new Set([...seen].map((hash) => hash & 0xffffffffn)).size).toBeGreaterThan(29_990);
  });

  test("write request decoder - answers arbitrary and damaged bytes with columns or a RemoteWriteError", () => {
    const whole = encodePlain([
      { labels: [{ name: "__name__", value: "m" }], samples: [{ value: 1.5, timestamp: 1_700_000_000_000 }] },
      { labels: [{ name: "__name__", value: "n" }], samples: [{ value: 2.5, timestamp: 1_700_000_000_001 }] },
    ]);
    const damaged = fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 3 })).map(([at, patch]) => {
      const copy = Uint8Array.from(whole);
      copy.set(patch, at % (whole.length - 3));
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), damaged), (bytes) => {
        try {
          decodePlain(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RemoteWriteError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("write request decoder - refuses a message cut short at any byte inside of a field", () => {
    const whole = encodePlain([
      { labels: [{ name: "__name__", value: "m" }], samples: [{ value: 1.5, timestamp: 1_700_000_000_000 }] },
    ]);
    for (let length = 1; length < whole.length; length++)
      expect(refusal(whole.subarray(0, length))).not.toBe("accepted");
  });

  test.each<[what: string, bytes: number[], refusedFor: string]>([
    ["a length past the end", [0x0a, 0x05, 0x00], "a length exceeds its message"],
    ["a length of 2^32", [0x0a, 0x80, 0x80, 0x80, 0x80, 0x10], "exceeds 32 bits"],
    ["a negative length", [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], "exceeds 32 bits"],
    ["a varint of eleven bytes", [0x48, ...Array<number>(10).fill(0x80), 0x01], "longer than 10 bytes"],
    ["a varint above 64 bits", [0x48, ...Array<number>(9).fill(0xff), 0x02], "exceeds 64 bits"],
    ["field number 0", [0x02, 0x00], "field number 0"],
    ["wire type 6", [0x4e], "wire type 6"],
    ["a group that ends only", [0x4c], "a group ends that never began"],
    ["a group that never ends", [0x4b], "cut short"],
    ["groups without end", Array<number>(100).fill(0x4b), "nested too deep"],
    ["a series as varint", [0x08, 0x01], "a field of the request has a wrong wire type"],
    ["metadata as varint", [0x18, 0x01], "a field of the request has a wrong wire type"],
    ["a label as varint", [0x0a, 0x02, 0x08, 0x01], "a series has a wrong wire type"],
    ["a label past its series", [0x0a, 0x02, 0x0a, 0x05, 0, 0, 0, 0, 0], "a length exceeds its message"],
    ["a sample past its series", [0x0a, 0x02, 0x12, 0x05, 0, 0, 0, 0, 0], "a length exceeds its message"],
    ["a value cut short", [0x0a, 0x05, 0x12, 0x03, 0x09, 0, 0], "cut short in a number"],
    ["a value as varint", [0x0a, 0x04, 0x12, 0x02, 0x08, 0x01], "a sample has a wrong wire type"],
  ])("write request decoder - refuses %s", (_, bytes, refusedFor) => {
    expect(refusal(bytes)).toContain(refusedFor);
  });
});

function hashesOf(bytes: Uint8Array): BigUint64Array {
  const { hashes, seriesCount } = decoder.decode(bytes, seed);
  return new BigUint64Array(hashes.buffer, 0, seriesCount).slice();
}
