import { expect, test } from "vitest";
import { createWindowBounds, fillWindowBounds, type WindowBounds } from "./range-window.ts";
import { SharedTimestamps } from "./shared-timestamps.ts";

const WINDOWS = { firstEndMs: 20, stepMs: 10, rangeMs: 20, count: 4 };

function fill(timestamps: Float64Array, bounds: WindowBounds): void {
  fillWindowBounds(timestamps, WINDOWS, bounds);
}

function filled(timestamps: Float64Array): WindowBounds {
  const bounds = createWindowBounds(WINDOWS.count);
  fill(timestamps, bounds);
  return bounds;
}

function boundsCache(maxSteps?: number): SharedTimestamps<WindowBounds> {
  return new SharedTimestamps(WINDOWS.count, () => createWindowBounds(WINDOWS.count), fill, maxSteps);
}

test("shared timestamps - one column is looked through once", () => {
  const cache = boundsCache();
  const [shared, other] = [Float64Array.of(5, 15, 30), Float64Array.of(1, 2)];
  const first = cache.of(shared);
  expect(cache.of(other)).toEqual(filled(other));
  expect(cache.of(shared)).toBe(first);
  expect(first).toEqual(filled(shared));
});

test("shared timestamps - columns that are equal but not the same are told apart", () => {
  const cache = boundsCache();
  expect(cache.of(Float64Array.of(5))).not.toBe(cache.of(Float64Array.of(5)));
});

test("shared timestamps - beyond its room it gives right answers still", () => {
  const columns = Array.from({ length: 7 }, (_, i) => Float64Array.of(i, 10 + i, 33));
  for (const room of [0, 4, 12]) {
    const cache = boundsCache(room);
    for (const column of [...columns, ...columns.toReversed()]) expect(cache.of(column)).toEqual(filled(column));
  }
});
