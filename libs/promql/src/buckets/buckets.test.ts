import { isStaleAt, wordsOf, writeStaleAt } from "@monotreme/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitrarySamples } from "../testing/arbitrary-samples-fixture.ts";
import type { MemorySample } from "../testing/memory-source.ts";
import type { SampleBuckets } from "../value.ts";
import { bucketize } from "./bucketize.ts";
import { coarsen } from "./coarsen.ts";
import { joinBuckets } from "./join-buckets.ts";
import { plainView } from "./plain-view.ts";

const MINUTE = 60_000;

interface Columns {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

function columnsOf(samples: readonly Pick<MemorySample, "timestampMs" | "value">[]): Columns {
  const values = new Float64Array(samples.length);
  for (const [i, { value }] of samples.entries()) {
    if (value === "stale") writeStaleAt(wordsOf(values), i);
    else values[i] = Number(value);
  }
  return { timestamps: Float64Array.from(samples, ({ timestampMs }) => timestampMs), values };
}

function column(minutes: Readonly<Record<number, number | "stale">>): Columns {
  const entries = Object.entries(minutes).sort(([a], [b]) => Number(a) - Number(b));
  return columnsOf(entries.map(([minute, value]) => ({ timestampMs: Number(minute) * MINUTE, value })));
}

/** Equal but for the order in which floats were added. */
function expectSame(actual: SampleBuckets, expected: SampleBuckets, { values }: Columns): void {
  const magnitude = values.reduce((most, value) => Math.max(most, Number.isFinite(value) ? Math.abs(value) : 0), 1);
  const { sums, increases, ...others } = expected;
  expect(actual).toMatchObject(others);
  expectClose(actual.sums, sums, magnitude);
  expectClose(actual.increases, increases, magnitude);
}

function expectClose(actual: Float64Array, expected: Float64Array, magnitude: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(1e-12 * magnitude);
    else expect(actual[i]).toBe(expected[i]);
  }
}

describe("bucketize", () => {
  test("bucketize - a bucket takes the sample at its end and not the one at its start", () => {
    const { ends, counts, sums, firstTimes, lastTimes } = bucketize(column({ 5: 1, 6: 2, 10: 4, 21: 8 }), 5 * MINUTE);
    expect([...ends]).toEqual([5, 10, 25].map((minute) => minute * MINUTE));
    expect([...counts]).toEqual([1, 2, 1]);
    expect([...sums]).toEqual([1, 6, 8]);
    expect([...firstTimes]).toEqual([5, 6, 21].map((minute) => minute * MINUTE));
    expect([...lastTimes]).toEqual([5, 10, 21].map((minute) => minute * MINUTE));
  });

  test("bucketize - resets are counted and made up for", () => {
    const { increases, resets, firsts, lasts } = bucketize(column({ 1: 10, 2: 13, 3: 2, 4: 1, 5: 6 }), 5 * MINUTE);
    expect([firsts[0], lasts[0], resets[0]]).toEqual([10, 6, 2]);
    expect(increases[0]).toBe(6 - 10 + 13 + 2);
  });

  test("bucketize - NaN counts as a sample, and as an extreme only where nothing else is there", () => {
    const { counts, sums, mins, maxs } = bucketize(column({ 1: Number.NaN, 2: 3, 3: 1, 6: Number.NaN }), 5 * MINUTE);
    expect([...counts]).toEqual([3, 1]);
    expect([...sums]).toEqual([Number.NaN, Number.NaN]);
    expect([...mins]).toEqual([1, Number.NaN]);
    expect([...maxs]).toEqual([3, Number.NaN]);
  });

  test("bucketize - a rise from or to what is not finite is the sum before resets alone", () => {
    const { increases } = bucketize(column({ 1: Infinity, 2: 3, 3: 7, 4: 2, 7: 1, 9: Number.NaN }), 5 * MINUTE);
    expect([...increases]).toEqual([Infinity, 0]);
    expect([...bucketize(column({ 1: Number.NaN, 2: 3, 3: 1 }), 5 * MINUTE).increases]).toEqual([3]);
  });

  test("bucketize - markers count nowhere, and the newest is kept where nothing follows in the bucket", () => {
    const stale = "stale";
    const samples = column({ 1: 5, 2: stale, 3: 6, 6: 7, 7: stale, 8: stale, 12: stale, 16: 1 });
    const { ends, counts, lasts, markerTimes, mins, sums } = bucketize(samples, 5 * MINUTE);
    expect([...ends]).toEqual([5, 10, 15, 20].map((minute) => minute * MINUTE));
    expect([...counts]).toEqual([2, 1, 0, 1]);
    expect([...lasts]).toEqual([6, 7, Number.NaN, 1]);
    expect([...markerTimes]).toEqual([Number.NaN, 8 * MINUTE, 12 * MINUTE, Number.NaN]);
    expect([mins[2], sums[2]]).toEqual([Number.NaN, 0]);
  });

  test("bucketize - nothing gives nothing", () => {
    expect(bucketize(columnsOf([]), MINUTE).ends).toHaveLength(0);
  });

  test("bucketize - does not write to its input", () => {
    fc.assert(
      fc.property(arbitrarySamples, (samples) => {
        const columns = columnsOf(samples);
        const before = columnsOf(samples);
        plainView(coarsen(bucketize(columns, 5 * MINUTE), 60 * MINUTE));
        expect(new Uint8Array(columns.values.buffer)).toEqual(new Uint8Array(before.values.buffer));
        expect(columns.timestamps).toEqual(before.timestamps);
      }),
      { numRuns: 20 },
    );
  });
});

describe("coarsen and join", () => {
  test("coarsen - gives what the samples themselves give", () => {
    fc.assert(
      fc.property(arbitrarySamples, fc.constantFrom(1, 2, 12), (samples, factor) => {
        const columns = columnsOf(samples);
        const resolutionMs = 5 * MINUTE * factor;
        const coarse = coarsen(bucketize(columns, 5 * MINUTE), resolutionMs);
        expectSame(coarse, bucketize(columns, resolutionMs), columns);
      }),
    );
  }, 30_000);

  test("join - pieces cut at the borders of buckets give the whole", () => {
    fc.assert(
      fc.property(
        arbitrarySamples,
        fc.constantFrom(5 * MINUTE, 60 * MINUTE),
        fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 6 }),
        (samples, resolutionMs, cuts) => {
          const borders = [...cuts.toSorted((a, b) => a - b).map((hours) => hours * 60 * MINUTE), Infinity];
          let after = -Infinity;
          const parts = borders.map((border) => {
            const inside = samples.filter(({ timestampMs }) => timestampMs > after && timestampMs <= border);
            after = border;
            return bucketize(columnsOf(inside), resolutionMs);
          });
          expect(joinBuckets(parts)).toEqual(bucketize(columnsOf(samples), resolutionMs));
        },
      ),
    );
  }, 30_000);

  test("join - a part alone is given back, none is a mistake", () => {
    const part = bucketize(column({ 1: 1 }), MINUTE);
    expect(joinBuckets([part])).toBe(part);
    expect(() => joinBuckets([])).toThrow(RangeError);
  });
});

describe("plain view", () => {
  test("plain view - has the last sample of each bucket and the marker after it", () => {
    const { timestamps, values } = plainView(
      bucketize(column({ 1: 5, 4: 6, 7: 7, 8: "stale", 12: "stale" }), 5 * MINUTE),
    );
    expect([...timestamps]).toEqual([4, 7, 8, 12].map((minute) => minute * MINUTE));
    expect([values[0], values[1]]).toEqual([6, 7]);
    expect([0, 1, 2, 3].map((index) => isStaleAt(wordsOf(values), index))).toEqual([false, false, true, true]);
  });

  test("plain view - without markers nothing is copied", () => {
    const buckets = bucketize(column({ 1: 5, 7: 6 }), 5 * MINUTE);
    expect(plainView(buckets)).toEqual({ timestamps: buckets.lastTimes, values: buckets.lasts });
    expect(plainView(buckets).values).toBe(buckets.lasts);
  });
});
