import { WINDOW_MS } from "@monotreme/blocks";
import { expect, test } from "vitest";
import { type ActiveDeletion, DeletionMasks, withoutDeleted } from "./deletion-masks.ts";

const START_MS = 100 * WINDOW_MS;

function deletion(id: string, fromMs: number, untilMs: number, generation: number): ActiveDeletion {
  return { id, fromMs, untilMs, generation };
}

function words(...series: (readonly [number, number, number, number])[]): Uint32Array {
  return new Uint32Array(series.flat());
}

test("deletion masks - answer the ranges of a series by all of its ids", () => {
  const first = deletion("a", START_MS + 1, START_MS + 10, 5);
  const second = deletion("b", START_MS + 5, START_MS + 20, 7);
  const masks = DeletionMasks.of([
    { deletion: first, series: words([1, 2, 3, 4], [1, 2, 0xffffffff, 4]) },
    { deletion: second, series: words([1, 2, 3, 4]) },
  ]);
  expect(masks.maskOf(1, 2, 3, 4, START_MS)).toEqual([first, second]);
  expect(masks.maskOf(1, 2, 0xffffffff, 4, START_MS)).toEqual([first]);
  for (const [a, b, c, d] of [
    [9, 2, 3, 4],
    [1, 9, 3, 4],
    [1, 2, 9, 4],
    [1, 2, 3, 9],
  ] as const) {
    expect(masks.maskOf(a, b, c, d, START_MS)).toEqual([]);
  }
  expect(masks.isEmpty).toBe(false);
  expect(DeletionMasks.NONE.isEmpty).toBe(true);
});

test("deletion masks - windows are left-open, ranges hold both of their ends", () => {
  const f = (fromMs: number, untilMs: number, isReached: boolean): void => {
    const only = deletion("a", fromMs, untilMs, 5);
    const masks = DeletionMasks.of([{ deletion: only, series: words([1, 2, 3, 4]) }]);
    expect(masks.maskOf(1, 2, 3, 4, START_MS)).toEqual(isReached ? [only] : []);
    expect(masks.within(START_MS, WINDOW_MS)).toEqual(isReached ? [only] : []);
  };
  f(START_MS, START_MS, false);
  f(START_MS, START_MS + 1, true);
  f(START_MS + WINDOW_MS, START_MS + WINDOW_MS, true);
  f(START_MS + WINDOW_MS + 1, START_MS + WINDOW_MS + 1, false);
  f(-(2 ** 63), 2 ** 63, true);
});

test("deletion masks - take samples out of chunks of lower generations only", () => {
  const f = (generation: number, kept: readonly number[]): void => {
    const timestamps = Float64Array.of(1, 2, 3, 4, 5);
    const values = Float64Array.of(10, 20, 30, 40, 50);
    const ranges = [deletion("a", 2, 2, 7), deletion("b", 4, 5, 9)];
    const count = withoutDeleted(timestamps, values, 5, { ranges, generation });
    expect([...timestamps.subarray(0, count)]).toEqual(kept);
    expect([...values.subarray(0, count)]).toEqual(kept.map((timestamp) => timestamp * 10));
  };
  f(6, [1, 3]);
  f(7, [1, 2, 3]);
  f(8, [1, 2, 3]);
  f(9, [1, 2, 3, 4, 5]);
});
