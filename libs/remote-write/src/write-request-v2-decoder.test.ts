import { COUNTER_RESET_HINTS, Labels, METRIC_TYPES } from "@monotreme/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeWriteRequestV2, type WriteSeriesV2 } from "./encode-write-request-v2.ts";
import { createLabelHashSeed } from "./label-hash.ts";
import { RemoteWriteError } from "./remote-write-error.ts";
import { WriteRequestV2Decoder } from "./write-request-v2-decoder.ts";

const seed = createLabelHashSeed();
const decoder = new WriteRequestV2Decoder();

const text = fc.string({ minLength: 1, unit: "grapheme", maxLength: 8 });
const labels = fc
  .dictionary(text, text, { maxKeys: 4 })
  .map((object) => Labels.fromObject({ ...object, __name__: "metric" }));
const count = fc.double({ min: 0, noNaN: true });
const histogram = fc.record({
  schema: fc.integer({ min: -4, max: 8 }),
  counterResetHint: fc.constantFrom(...COUNTER_RESET_HINTS),
  zeroThreshold: count,
  zeroCount: count,
  count,
  sum: fc.double({ noNaN: true }),
  positiveOffset: fc.integer({ min: -1000, max: 1000 }),
  positiveBuckets: fc.array(count, { minLength: 1, maxLength: 5 }),
  negativeOffset: fc.constant(0),
  negativeBuckets: fc.constant([]),
  customBounds: fc.constant([]),
});
const timestampMs = fc.maxSafeInteger();
const series: fc.Arbitrary<WriteSeriesV2> = fc.record({
  labels,
  timestampsMs: fc.tuple(timestampMs, timestampMs),
  values: fc.tuple(fc.double(), fc.double()).map((values) => Float64Array.from(values)),
  startTimestampsMs: fc.tuple(timestampMs, fc.constant(0)),
  histograms: fc.array(fc.record({ timestampMs, histogram }), { maxLength: 3 }),
  exemplars: fc.array(
    fc.record({ labels: fc.constant(Labels.fromObject({ id: "7" })), value: fc.double(), timestampMs }),
    {
      maxLength: 2,
    },
  ),
  metadata: fc.record({ type: fc.constantFrom(...METRIC_TYPES), help: text, unit: text }),
});

test("write request 2.0 - what is encoded comes back", () => {
  fc.assert(
    fc.property(fc.array(series, { maxLength: 6 }), (all) => {
      const columns = decoder.decode(encodeWriteRequestV2(all), seed);
      expect(columns.faults).toEqual([]);
      expect(columns.seriesCount).toBe(all.length);
      expect(all.map((_, i) => String(columns.labelsOf(i)))).toEqual(all.map((one) => String(one.labels)));
      expect([...columns.timestamps.subarray(0, columns.sampleCount)]).toEqual(
        all.flatMap((one) => Array.from(one.timestampsMs ?? [])),
      );
      const values = new Float64Array(columns.valueWords.buffer, 0, columns.sampleCount);
      expect([...values]).toEqual(all.flatMap((one) => [...(one.values ?? [])]));
      expect(columns.histograms.map(({ series: of, ...rest }) => [of, rest])).toEqual(
        all.flatMap((one, of) => (one.histograms ?? []).map((each) => [of, each])),
      );
      expect(columns.exemplars.map(({ labels: own, ...rest }) => [String(own), rest])).toEqual(
        all.flatMap((one, of) =>
          (one.exemplars ?? []).map(({ labels: own, ...rest }) => [String(own), { series: of, ...rest }]),
        ),
      );
      const starts = all.map((one) => one.startTimestampsMs?.[0] ?? 0).filter((start) => start !== 0);
      expect(columns.starts.map(({ startTimestampMs }) => startTimestampMs)).toEqual(starts);
      const entries = new Set(all.map(({ metadata }) => JSON.stringify({ metric: "metric", ...metadata })));
      expect(
        new Set(columns.metadata.map(({ metric, type, help, unit }) => JSON.stringify({ metric, type, help, unit }))),
      ).toEqual(entries);
    }),
  );
});

test("write request 2.0 - the same labels have the same hash, in any request", () => {
  const one = { labels: Labels.fromObject({ __name__: "a", b: "c" }), timestampsMs: [1], values: Float64Array.of(1) };
  const other = { ...one, labels: Labels.fromObject({ __name__: "a", b: "d" }) };
  const hashesOf = (all: readonly WriteSeriesV2[]): string[] => {
    const { hashes, seriesCount } = decoder.decode(encodeWriteRequestV2(all), seed);
    return Array.from({ length: seriesCount }, (_, i) => `${hashes[i * 2]}/${hashes[i * 2 + 1]}`);
  };
  const [first, second] = hashesOf([one, other]);
  expect(hashesOf([other, one])).toEqual([second, first]);
  expect(first).not.toBe(second);
});

test("write request 2.0 - a reference without a symbol costs its series, not the others", () => {
  const labelRefs = (...refs: number[]): number[] => [0x0a, refs.length, ...refs, 0x12, 0x00];
  const request = [[1, 2], [1, 3], [1]]
    .map((refs) => labelRefs(...refs))
    .flatMap((body) => [0x2a, body.length, ...body]);
  const symbols = ["", "__name__", "up"].flatMap((symbol) => [0x22, symbol.length, ...Buffer.from(symbol)]);
  const columns = decoder.decode(Uint8Array.from([...request, ...symbols]), seed);
  expect([columns.seriesCount, String(columns.labelsOf(0)), columns.sampleCount]).toEqual([1, "up", 1]);
  expect(columns.faults.map((fault) => fault.text)).toEqual([
    "symbol 3 is out of range (3 symbols)",
    "a series has a label without a value",
  ]);
});

test("write request 2.0 - any bytes are a request or a RemoteWriteError", () => {
  const whole = encodeWriteRequestV2(fc.sample(series, { numRuns: 3, seed: 1 }));
  const damaged = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }).map((changes) => {
    const copy = new Uint8Array(whole);
    for (const [at, byte] of changes) copy[at] = byte;
    return copy;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), damaged), (bytes) => {
      try {
        const columns = decoder.decode(bytes, seed);
        for (let i = 0; i < columns.seriesCount; i++) columns.labelsOf(i);
      } catch (error) {
        expect(error).toBeInstanceOf(RemoteWriteError);
      }
    }),
    { numRuns: 1000 },
  );
});
