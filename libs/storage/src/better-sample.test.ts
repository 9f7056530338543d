import { STALE_NAN_HIGH, STALE_NAN_LOW, wordsOf } from "@monotreme/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { collapseDuplicates, type SampleColumns } from "./better-sample.ts";

type Bits = readonly [low: number, high: number];

const STALE: Bits = [STALE_NAN_LOW, STALE_NAN_HIGH];
const NAN: Bits = [1, 0x7ff80000];
const NEGATIVE_NAN: Bits = [0, 0xfff80000];

function bitsOf(value: number): Bits {
  const words = wordsOf(Float64Array.of(value));
  return [words[0] ?? 0, words[1] ?? 0];
}

function columnsOf(samples: readonly (readonly [timestamp: number, bits: Bits])[]): SampleColumns {
  const values = new Float64Array(samples.length);
  for (const [i, [, bits]] of samples.entries()) wordsOf(values).set(bits, i * 2);
  return { timestamps: Float64Array.from(samples, ([timestamp]) => timestamp), values };
}

function collapsed(samples: readonly (readonly [timestamp: number, bits: Bits])[]): unknown {
  const { timestamps, values } = collapseDuplicates(columnsOf(samples));
  return { timestamps: [...timestamps], words: [...wordsOf(values.slice())] };
}

test("better sample - the larger number wins, a NaN loses, of two NaNs the staleness marker loses", () => {
  const f = (winner: Bits, loser: Bits): void => {
    const expected = { timestamps: [5], words: [...winner] };
    expect(
      collapsed([
        [5, winner],
        [5, loser],
      ]),
    ).toEqual(expected);
    expect(
      collapsed([
        [5, loser],
        [5, winner],
      ]),
    ).toEqual(expected);
  };
  f(bitsOf(2), bitsOf(1));
  f(bitsOf(-1), bitsOf(-Infinity));
  f(bitsOf(0), bitsOf(-0));
  f(bitsOf(-Infinity), NAN);
  f(bitsOf(-5), STALE);
  f(NAN, STALE);
  f(NEGATIVE_NAN, STALE);
  f(NEGATIVE_NAN, NAN);
});

test("better sample - columns without repeats come back as they are", () => {
  const columns = columnsOf([
    [1, STALE],
    [2, NAN],
    [3, bitsOf(1)],
  ]);
  expect(collapseDuplicates(columns)).toEqual(columns);
});

const anyBits = fc.oneof(
  fc.double().map(bitsOf),
  fc.constantFrom(STALE, NAN, NEGATIVE_NAN, bitsOf(0), bitsOf(-0)),
  fc.tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
);

test("better sample - the result does not depend on the order of repeats", () => {
  const samples = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), anyBits), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(samples, (unsorted) => {
      const forward = unsorted.toSorted((a, b) => a[0] - b[0]);
      const backward = unsorted.toReversed().toSorted((a, b) => a[0] - b[0]);
      expect(collapsed(backward)).toEqual(collapsed(forward));
    }),
  );
});
