import { STALE_NAN_HIGH, STALE_NAN_LOW, wordsOf } from "@monotreme/model";
import { bucketize, coarsen, type SampleBuckets } from "@monotreme/promql";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BUCKET_COLUMNS,
  type BucketColumn,
  bucketColumnsToRead,
  packBuckets,
  type PackedBuckets,
  unpackBuckets,
} from "./bucket-chunk.ts";
import { unpackBucketTimes } from "./bucket-chunk-times.ts";
import { FIVE_MINUTES, ONE_HOUR } from "./windows.ts";

const START = 1_700_006_400_000;
const R = FIVE_MINUTES.resolutionMs;
const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, -0, 2 ** 53, Number.MIN_VALUE, Number.MAX_VALUE];
const EXACT = ["lasts", "firsts", "mins", "maxs", "resets", "ends", "counts"] as const;
const TIMES = ["firstTimes", "lastTimes", "markerTimes"] as const;

type Sample = readonly [offsetMs: number, value: number | "stale"];

function bucketsOf(samples: readonly Sample[], resolutionMs = R): SampleBuckets {
  const sorted = [...new Map(samples.map((sample) => [sample[0], sample])).values()].toSorted((a, b) => a[0] - b[0]);
  const values = new Float64Array(sorted.length);
  for (const [i, [, value]] of sorted.entries()) {
    if (value === "stale") wordsOf(values).set([STALE_NAN_LOW, STALE_NAN_HIGH], i * 2);
    else values[i] = value;
  }
  return bucketize({ timestamps: Float64Array.from(sorted, ([offset]) => START + offset), values }, resolutionMs);
}

function unpack(packed: PackedBuckets, columns: Iterable<BucketColumn> = BUCKET_COLUMNS, r = R): SampleBuckets {
  const wanted = bucketColumnsToRead(columns);
  const given = Object.fromEntries([...wanted].map((column) => [column, packed[column]]));
  return unpackBuckets(given, unpackBucketTimes(packed.times, START, r));
}

function expectSame(actual: SampleBuckets, expected: SampleBuckets): void {
  for (const column of EXACT) {
    expect([column, ...wordsOf(actual[column])]).toEqual([column, ...wordsOf(expected[column])]);
  }
  for (const column of TIMES) expect([column, ...actual[column]]).toEqual([column, ...expected[column]]);
  for (let i = 0; i < expected.ends.length; i++) {
    expectClose(actual.sums[i]!, expected.sums[i]!);
    expectClose(actual.increases[i]!, expected.increases[i]!);
  }
}

function expectClose(actual: number, expected: number): void {
  if (Object.is(actual, expected) || actual === expected) return;
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected));
}

const anyValue = fc.oneof(
  { weight: 4, arbitrary: fc.double() },
  { weight: 2, arbitrary: fc.constantFrom<number | "stale">(...SPECIAL, "stale") },
  { weight: 4, arbitrary: fc.integer({ min: -100_000, max: 1_000_000 }).map((value) => value / 100) },
);
const decimal = fc.integer({ min: 0, max: 10_000_000 }).map((value) => value / 1000);
const DAY = FIVE_MINUTES.blockMs;
const offset = fc.integer({ min: 1, max: DAY });
const near = fc.integer({ min: 1, max: 12 * R });

describe("bucket chunk - what was packed is read back", () => {
  const f = (name: string, samples: fc.Arbitrary<Sample[]>): void =>
    test(name, () => {
      fc.assert(
        fc.property(samples, (list) => {
          const buckets = bucketsOf(list);
          expectSame(unpack(packBuckets(buckets, START)), buckets);
          const coarse = coarsen(buckets, ONE_HOUR.resolutionMs);
          expectSame(unpack(packBuckets(coarse, START), BUCKET_COLUMNS, ONE_HOUR.resolutionMs), coarse);
        }),
        { numRuns: 300 },
      );
    });
  f("of any values over a day", fc.array(fc.tuple(offset, anyValue), { maxLength: 200 }));
  f("of any values, many to a bucket", fc.array(fc.tuple(near, anyValue), { maxLength: 200 }));
  f("of decimals", fc.array(fc.tuple(near, decimal), { minLength: 1, maxLength: 200 }));
  f(
    "of a counter with resets",
    fc.array(fc.tuple(near, fc.nat(50), fc.boolean()), { minLength: 1, maxLength: 200 }).map((steps) => {
      let value = 0;
      return steps
        .toSorted((a, b) => a[0] - b[0])
        .map(([at, step, isReset]): Sample => [at, (value = isReset && step > 40 ? step / 10 : value + step / 10)]);
    }),
  );
});

/** A sample each 15 s over a day. */
function dayOf(valueAt: (i: number) => number): SampleBuckets {
  return bucketsOf(Array.from({ length: 5760 }, (_, i): Sample => [(i + 1) * 15_000 - 123, valueAt(i)]));
}

function bytesOf(packed: PackedBuckets): number {
  return BUCKET_COLUMNS.reduce((sum, column) => sum + packed[column].length, 0);
}

test("bucket chunk - a constant costs a few bytes a day, beside the times that it shares", () => {
  expect(
    bytesOf(
      packBuckets(
        dayOf(() => 0.1),
        START,
      ),
    ),
  ).toBeLessThan(20);
});

test("bucket chunk - sums and increases of decimals are packed as decimals", () => {
  const rising = dayOf((i) => Math.round(i * 12.7) / 10);
  expect(bytesOf(packBuckets(rising, START)) / 288).toBeLessThan(4);
});

test("bucket chunk - series of one scrape have the same times, byte by byte", () => {
  const times = (valueAt: (i: number) => number): Uint8Array => packBuckets(dayOf(valueAt), START).times;
  expect(times((i) => i)).toEqual(times((i) => Math.sin(i)));
  expect(times(() => 0).length).toBeLessThan(50);
});

test("bucket chunk - a column is read with those that it is guessed from, and no other", () => {
  const buckets = dayOf((i) => Math.sin(i));
  const { maxs, lasts, firsts, mins, sums, resets } = unpack(packBuckets(buckets, START), ["maxs"]);
  expect(maxs).toEqual(buckets.maxs);
  expect(lasts).toEqual(buckets.lasts);
  expect(firsts).toEqual(buckets.firsts);
  for (const column of [mins, sums, resets]) expect(column).toEqual(new Float64Array(288).fill(Number.NaN));
});

test("bucket chunk - nothing at all is a chunk too", () => {
  const nothing = bucketsOf([]);
  expectSame(unpack(packBuckets(nothing, START)), nothing);
});

test("bucket chunk - damaged bytes are refused, or give something, but never hang or read elsewhere", () => {
  const packed = packBuckets(bucketsOf(Array.from({ length: 99 }, (_, i) => [i * 60_000 + 1, Math.sqrt(i)])), START);
  const damage = fc.record({
    column: fc.constantFrom("times" as const, ...BUCKET_COLUMNS),
    bytes: fc.uint8Array({ maxLength: 60 }),
  });
  fc.assert(
    fc.property(damage, ({ column, bytes }) => {
      try {
        unpack({ ...packed, [column]: bytes });
      } catch (error) {
        expect(error).toMatchObject({ code: "BLOCK_CHUNK_UNREADABLE" });
      }
    }),
    { numRuns: 1000 },
  );
});
