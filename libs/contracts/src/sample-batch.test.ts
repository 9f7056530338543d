import { Labels } from "@monotreme/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeAnnouncements, decodeMetadata } from "./announcement-codec.ts";
import { decodeSampleBatch, SampleBatchError } from "./sample-batch.ts";
import { SampleBatchBuilder } from "./sample-batch-builder.ts";

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const sample = fc.record({
  ids: fc.tuple(word, word, word, word),
  timestampMs: fc.maxSafeInteger(),
  value: fc.tuple(word, word),
});
const labels = fc
  .dictionary(fc.string({ minLength: 1, unit: "grapheme" }), fc.string({ minLength: 1, unit: "grapheme" }))
  .map((object) => Labels.fromObject(object));

function build(
  tenant: string,
  samples: readonly (typeof sample extends fc.Arbitrary<infer T> ? T : never)[],
): SampleBatchBuilder {
  const builder = new SampleBatchBuilder(tenant, 1);
  for (const { ids, timestampMs, value } of samples) builder.addSample(...ids, timestampMs, ...value);
  return builder;
}

function timestampAt(timestamps: Uint32Array, index: number): number {
  const high = (timestamps[index * 2 + 1] ?? 0) | 0;
  return high * 0x1_0000_0000 + (timestamps[index * 2] ?? 0);
}

describe("sample batch", () => {
  test("what is encoded comes back bit by bit, at any alignment in memory", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.array(sample), fc.nat(7), (tenant, samples, shift) => {
        const message = build(tenant, samples).encode();
        const shifted = new Uint8Array(message.length + shift);
        shifted.set(message, shift);
        const batch = decodeSampleBatch(shifted.subarray(shift));
        expect(batch.tenant).toBe(Buffer.from(tenant).toString());
        expect(batch.sampleCount).toBe(samples.length);
        for (const [i, { ids, timestampMs, value }] of samples.entries()) {
          expect([...batch.metricIds.subarray(i * 2, i * 2 + 2)]).toEqual(ids.slice(0, 2));
          expect([...batch.seriesIds.subarray(i * 2, i * 2 + 2)]).toEqual(ids.slice(2));
          expect(timestampAt(batch.timestamps, i)).toBe(timestampMs);
          expect([...batch.values.subarray(i * 2, i * 2 + 2)]).toEqual(value);
        }
        if (samples.length > 0) {
          expect(batch.minTimestampMs).toBe(Math.min(...samples.map((each) => each.timestampMs)));
          expect(batch.maxTimestampMs).toBe(Math.max(...samples.map((each) => each.timestampMs)));
        }
      }),
    );
  });

  test("announcements and metadata come back", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(word, fc.nat(60_000), labels)), fc.string({ unit: "grapheme" }), (series, help) => {
        const builder = new SampleBatchBuilder("t");
        for (const [id, day, each] of series) builder.announce(id, 1, 2, 3, day, each);
        builder.addMetadata({ metric: "m", type: "histogram", help, unit: "s" });
        const batch = decodeSampleBatch(builder.encode());
        const back = [...decodeAnnouncements(batch)];
        expect(back.map(({ metricIdLow, day }) => [metricIdLow, day])).toEqual(series.map(([id, day]) => [id, day]));
        expect(back.map((each) => each.labels.key)).toEqual(series.map(([, , each]) => each.key));
        expect([...decodeMetadata(batch)]).toEqual([{ metric: "m", type: "histogram", help, unit: "s" }]);
      }),
    );
  });

  test("a cleared builder starts anew", () => {
    const builder = build("t", [{ ids: [1, 2, 3, 4], timestampMs: 5, value: [6, 7] }]);
    builder.announce(1, 2, 3, 4, 5, Labels.fromObject({ a: "b" }));
    builder.clear();
    expect(builder.isEmpty).toBe(true);
    const batch = decodeSampleBatch(builder.encode());
    expect([batch.sampleCount, batch.announcementCount, batch.minTimestampMs]).toEqual([0, 0, 0]);
  });

  test("any bytes are a batch or a SampleBatchError", () => {
    const whole = build("tenant", [{ ids: [1, 2, 3, 4], timestampMs: 5, value: [6, 7] }]);
    whole.announce(1, 2, 3, 4, 5, Labels.fromObject({ a: "b" }));
    const message = whole.encode();
    const damaged = fc
      .tuple(fc.nat(message.length), fc.array(fc.tuple(fc.nat(message.length - 1), fc.nat(255)), { maxLength: 4 }))
      .map(([length, changes]) => {
        const copy = new Uint8Array(message);
        for (const [at, byte] of changes) copy[at] = byte;
        return copy.subarray(0, length);
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), damaged), (bytes) => {
        try {
          const batch = decodeSampleBatch(bytes);
          for (const _ of decodeAnnouncements(batch));
          for (const _ of decodeMetadata(batch));
        } catch (error) {
          expect(error).toBeInstanceOf(SampleBatchError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
