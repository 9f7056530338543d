import { describe, expect, test } from "vitest";
import { nextTickAfter, scheduleOf, snapToGrid } from "./schedule.ts";

describe("schedule", () => {
  test("schedule - the next tick is on the grid, after now and within one interval", () => {
    const schedule = { intervalMs: 15_000, offsetMs: 4000 };
    expect(nextTickAfter(schedule, 0)).toBe(4000);
    expect(nextTickAfter(schedule, 4000)).toBe(19_000);
    expect(nextTickAfter(schedule, 18_999.5)).toBe(19_000);
  });

  test("schedule - offsets spread targets and differ by the process' seed", () => {
    const offsets = new Set(Array.from({ length: 100 }, (_, i) => scheduleOf(`target ${i}`, "seed", 60_000).offsetMs));
    expect(offsets.size).toBeGreaterThan(95);
    expect(scheduleOf("t", "host a", 60_000).offsetMs).not.toBe(scheduleOf("t", "host b", 60_000).offsetMs);
    expect(scheduleOf("t", "host a", 60_000)).toEqual(scheduleOf("t", "host a", 60_000));
  });

  const f = (name: string, intervalMs: number, lateMs: number, expectedLateMs: number) =>
    test(`schedule - ${name}`, () => {
      expect(snapToGrid({ intervalMs, offsetMs: 0 }, 60_000, 60_000 + lateMs)).toBe(60_000 + expectedLateMs);
    });
  f("a start within 2 ms is stamped with its tick", 15_000, 1.9, 0);
  f("a later start keeps its own time, in whole ms", 15_000, 2.6, 3);
  f("a short interval tolerates 1 % only", 100, 1.4, 1);
  f("a start before the tick snaps as well", 15_000, -0.7, 0);
});
