import { Labels, wordsOf, writeStaleAt } from "@monotreme/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createWindowBounds, fillWindowBounds, rangeSeriesFrom } from "./range-window.ts";

describe("window bounds", () => {
  test("window bounds - are left-open and right-closed for any spacing and step", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 80 }),
        fc.integer({ min: -100, max: 500 }),
        fc.integer({ min: 0, max: 120 }),
        fc.integer({ min: 1, max: 200 }),
        (gaps, firstEndMs, stepMs, rangeMs) => {
          let t = 0;
          const timestamps = Float64Array.from(gaps, (gap) => (t += gap));
          const count = 30;
          const bounds = createWindowBounds(count);
          fillWindowBounds(timestamps, { firstEndMs, stepMs, rangeMs, count }, bounds);
          for (let i = 0; i < count; i++) {
            const end = firstEndMs + i * stepMs;
            const inside = [...timestamps.keys()].filter(
              (k) => timestamps[k]! > end - rangeMs && timestamps[k]! <= end,
            );
            const got = Array.from({ length: bounds.high[i]! - bounds.low[i]! }, (_, k) => bounds.low[i]! + k);
            expect(got).toEqual(inside);
          }
        },
      ),
    );
  });
});

describe("range series", () => {
  test("range series - staleness markers go, other NaNs stay, by their bits", () => {
    const values = Float64Array.of(1, Number.NaN, 0, 4);
    writeStaleAt(wordsOf(values), 2);
    const timestamps = Float64Array.of(10, 20, 30, 40);
    const series = rangeSeriesFrom({ labels: Labels.EMPTY, timestamps, values });
    expect([...series.timestamps]).toEqual([10, 20, 40]);
    expect([...series.values]).toEqual([1, Number.NaN, 4]);
  });

  test("range series - columns without markers are not copied", () => {
    const values = Float64Array.of(1, 2);
    const timestamps = Float64Array.of(10, 20);
    expect(rangeSeriesFrom({ labels: Labels.EMPTY, timestamps, values }).values).toBe(values);
  });
});
