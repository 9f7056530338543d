import { describe, expect, test } from "vitest";
import { isStaleAt, wordsOf, writeStaleAt } from "./staleness.ts";

describe("staleness", () => {
  test("a marker is told from other NaNs by its bits, also after a copy", () => {
    const values = new Float64Array([1, Number.NaN, 0]);
    writeStaleAt(wordsOf(values), 2);
    const copy = new Float64Array(3);
    copy.set(values);
    const words = wordsOf(copy);
    expect([0, 1, 2].map((i) => isStaleAt(words, i))).toEqual([false, false, true]);
    expect(copy[2]).toBeNaN();
  });

  test("a view that starts inside a buffer reads its own words", () => {
    const values = new Float64Array(4);
    writeStaleAt(wordsOf(values), 3);
    expect(isStaleAt(wordsOf(values.subarray(2)), 1)).toBe(true);
  });
});
