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

function sharedBy(columns: readonly Float64Array[], maxSteps?: number): SharedTimestamps<WindowBounds> {
  const create = (): WindowBounds => createWindowBounds(WINDOWS.count);
  return new SharedTimestamps({
    columns,
    steps: WINDOWS.count,
    create,
    fill,
    ...(maxSteps === undefined ? {} : { maxSteps }),
  });
}

test("shared timestamps - one column is looked through once", () => {
  const [column, other] = [Float64Array.of(5, 15, 30), Float64Array.of(1, 2)];
  const shared = sharedBy([column, other, column]);
  const first = shared.of(column);
  expect(shared.of(other)).toEqual(filled(other));
  expect(shared.of(column)).toBe(first);
  expect(first).toEqual(filled(column));
});

test("shared timestamps - results of columns that are done are used again", () => {
  const columns = [Float64Array.of(5), Float64Array.of(5), Float64Array.of(15)];
  const shared = sharedBy(columns);
  const results = columns.map((column) => shared.of(column));
  expect(new Set(results).size).toBe(1);
});

test("shared timestamps - in any order and room, for columns that were told or not", () => {
  const columns = Array.from({ length: 7 }, (_, i) => Float64Array.of(i, 10 + i, 33));
  const [first, second, ...others] = columns;
  for (const order of [[...columns, ...columns.toReversed()], [...others, ...columns, ...others], columns]) {
    for (const room of [0, 4, 12, 100]) {
      const shared = sharedBy([...order.slice(1), ...(first && second ? [first, second] : [])], room);
      for (const column of [...order, ...others]) expect(shared.of(column)).toEqual(filled(column));
    }
  }
});
