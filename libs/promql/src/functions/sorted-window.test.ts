import fc from "fast-check";
import { expect, test } from "vitest";
import { quantileOf } from "./quantile.ts";
import { SortedWindow } from "./sorted-window.ts";

const VALUE = fc.oneof(fc.double(), fc.integer({ min: -3, max: 3 }), fc.constantFrom(Number.NaN, Infinity, -Infinity));
const MOVE = fc.tuple(fc.nat(60), fc.nat(60));

test("sorted window - gives the quantile of any window that moves forward", () => {
  fc.assert(
    fc.property(
      fc.array(VALUE, { minLength: 1, maxLength: 200 }),
      fc.array(MOVE, { maxLength: 20 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (list, moves, phi) => {
        const values = Float64Array.from(list);
        const window = new SortedWindow(values);
        let [low, high] = [0, 0];
        for (const [forward, length] of moves) {
          low = Math.min(low + forward, values.length - 1);
          high = Math.min(Math.max(high, low + length, low + 1), values.length);
          window.moveTo(low, high);
          // -0 and 0 are the same number, but may come in another order.
          expect(window.quantile(phi) + 0).toBe(quantileOf(phi, values.slice(low, high)) + 0);
        }
      },
    ),
  );
});

/** The definition: the median of the distances from the median. */
function medianDeviation(values: Float64Array): number {
  const median = quantileOf(0.5, values.slice());
  return quantileOf(
    0.5,
    values.map((value) => Math.abs(value - median)),
  );
}

test("sorted window - gives the median deviation of finite values, NaN where one is NaN", () => {
  const finite = fc.oneof(fc.integer({ min: -50, max: 50 }), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
  fc.assert(
    fc.property(fc.array(finite, { minLength: 1, maxLength: 50 }), (list) => {
      const values = Float64Array.from(list);
      const window = new SortedWindow(values);
      window.moveTo(0, values.length);
      expect(window.medianDeviation()).toBeCloseTo(medianDeviation(values), 9);
    }),
  );
  for (const list of [
    [1, Number.NaN, 3],
    [1, Infinity, Infinity],
    [-Infinity, 5],
  ]) {
    const window = new SortedWindow(Float64Array.from(list));
    window.moveTo(0, list.length);
    expect(window.medianDeviation()).toBeNaN();
  }
});
