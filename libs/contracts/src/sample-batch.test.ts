import { COUNTER_RESET_HINTS, Labels, type NativeHistogram } from "@monotreme/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeAnnouncements, decodeMetadata } from "./announcement-codec.ts";
import { decodeExemplars } from "./exemplar-codec.ts";
import type { NumberListColumns } from "./histogram-section.ts";
import { decodeSampleBatch } from "./sample-batch.ts";
import { SampleBatchBuilder } from "./sample-batch-builder.ts";
import { SampleBatchError } from "./sample-batch-error.ts";

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const sample = fc.record({
  ids: fc.tuple(word, word, word, word),
  timestampMs: fc.maxSafeInteger(),
  value: fc.tuple(word, word),
});
const labels = fc
  .dictionary(fc.string({ minLength: 1, unit: "grapheme" }), fc.string({ minLength: 1, unit: "grapheme" }))
  .map((object) => Labels.fromObject(object));

const counts = fc.array(fc.double({ noNaN: true }), { maxLength: 6 });
const histogram: fc.Arbitrary<NativeHistogram> = fc.record({
  schema: fc.constantFrom(-53, -4, 0, 8),
  counterResetHint: fc.constantFrom(...COUNTER_RESET_HINTS),
  zeroThreshold: fc.double(),
  zeroCount: fc.double(),
  count: fc.double(),
  sum: fc.double(),
  positiveOffset: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  positiveBuckets: counts,
  negativeOffset: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  negativeBuckets: counts,
  customBounds: counts,
});

const WITHOUT_BUCKETS: NativeHistogram = {
  schema: 0,
  counterResetHint: "unknown",
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: 0,
  positiveOffset: 0,
  positiveBuckets: [],
  negativeOffset: 0,
  negativeBuckets: [],
  customBounds: [],
};

function listAt({ lengths, values }: NumberListColumns, index: number): number[] {
  const start = lengths.subarray(0, index).reduce((sum, length) => sum + length, 0);
  return [...values.subarray(start, start + (lengths[index] ?? 0))];
}

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

  test("native histograms come back, also from a builder that is used again", () => {
    const entry = fc.record({ ids: fc.tuple(word, word, word, word), timestampMs: fc.maxSafeInteger(), histogram });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 80 }), (entries) => {
        const builder = build("other", []);
        builder.addHistogram(9, 9, 9, 9, 9, { ...WITHOUT_BUCKETS, customBounds: [1, 2] });
        builder.clear();
        for (const each of entries) builder.addHistogram(...each.ids, each.timestampMs, each.histogram);
        const { histograms } = decodeSampleBatch(builder.encode());
        expect(histograms?.rowCount).toBe(entries.length === 0 ? undefined : entries.length);
        if (histograms === undefined) return;
        for (const [i, each] of entries.entries()) {
          expect([...histograms.metricIds.subarray(i * 2, i * 2 + 2)]).toEqual(each.ids.slice(0, 2));
          expect([...histograms.seriesIds.subarray(i * 2, i * 2 + 2)]).toEqual(each.ids.slice(2));
          expect(timestampAt(histograms.timestamps, i)).toBe(each.timestampMs);
          expect({
            schema: histograms.schemas[i],
            counterResetHint: COUNTER_RESET_HINTS[histograms.hints[i] ?? 0],
            zeroThreshold: histograms.zeroThresholds[i],
            zeroCount: histograms.zeroCounts[i],
            count: histograms.counts[i],
            sum: histograms.sums[i],
            positiveOffset: histograms.positiveOffsets[i],
            positiveBuckets: listAt(histograms.positiveBuckets, i),
            negativeOffset: histograms.negativeOffsets[i],
            negativeBuckets: listAt(histograms.negativeBuckets, i),
            customBounds: listAt(histograms.customBounds, i),
          }).toEqual(each.histogram);
        }
      }),
    );
  });

  test("exemplars and start timestamps come back", () => {
    const exemplar = fc.record({
      metricIdLow: word,
      metricIdHigh: word,
      seriesIdLow: word,
      seriesIdHigh: word,
      timestampMs: fc.maxSafeInteger(),
      value: fc.double(),
      labels,
    });
    fc.assert(
      fc.property(fc.array(exemplar, { maxLength: 70 }), (exemplars) => {
        const builder = build("t", []);
        for (const each of exemplars) {
          builder.addExemplar(each);
          const { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, timestampMs } = each;
          builder.addStart(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, timestampMs, -timestampMs);
        }
        const batch = decodeSampleBatch(builder.encode());
        const back = [...decodeExemplars(batch)];
        expect(back.map((each) => ({ ...each, labels: each.labels.key }))).toEqual(
          exemplars.map((each) => ({ ...each, labels: each.labels.key })),
        );
        expect(batch.starts?.rowCount ?? 0).toBe(exemplars.length);
        for (const [i, { timestampMs, seriesIdHigh }] of exemplars.entries()) {
          expect(timestampAt(batch.starts?.timestamps ?? new Uint32Array(), i)).toBe(timestampMs);
          expect(timestampAt(batch.starts?.starts ?? new Uint32Array(), i) + timestampMs).toBe(0);
          expect(batch.starts?.seriesIds[i * 2 + 1]).toBe(seriesIdHigh);
        }
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
    whole.addHistogram(1, 2, 3, 4, 5, { ...WITHOUT_BUCKETS, positiveBuckets: [1, 2] });
    whole.addStart(1, 2, 3, 4, 5, 6);
    const ids = { metricIdLow: 1, metricIdHigh: 2, seriesIdLow: 3, seriesIdHigh: 4 };
    whole.addExemplar({ ...ids, timestampMs: 5, value: 6, labels: Labels.fromObject({ trace: "x" }) });
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
          for (const _ of decodeExemplars(batch));
        } catch (error) {
          expect(error).toBeInstanceOf(SampleBatchError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
