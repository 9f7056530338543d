import { expect, test } from "vitest";
import { groupSchedule, slotAfter, slotAt } from "./group-schedule.ts";

test("group schedule - slots depend on file, name and interval alone, and spread", () => {
  const offsets = Array.from({ length: 200 }, (_, i) => groupSchedule("/r.yml", `g${i}`, 60_000).offsetMs);
  expect(groupSchedule("/r.yml", "g0", 60_000).offsetMs).toBe(offsets[0]);
  expect(groupSchedule("/other.yml", "g0", 60_000).offsetMs).not.toBe(offsets[0]);
  expect(new Set(offsets.map((offset) => Math.floor(offset / 15_000))).size).toBe(4);
  for (const offset of offsets) expect(offset >= 0 && offset < 60_000).toBe(true);
});

test("group schedule - the slot at an instant is the last one before it", () => {
  const schedule = { intervalMs: 60_000, offsetMs: 5000 };
  const f = (nowMs: number, expected: number): void => expect(slotAt(schedule, nowMs)).toBe(expected);
  f(5000, 5000);
  f(64_999, 5000);
  f(65_000, 65_000);
  f(0, -55_000);
});

test("group schedule - one late slot is made up for, more are missed", () => {
  const schedule = { intervalMs: 10_000, offsetMs: 0 };
  const f = (nowMs: number, tsMs: number, missed: number): void =>
    expect(slotAfter(schedule, 100_000, nowMs)).toEqual({ tsMs, missed });
  f(100_500, 110_000, 0);
  f(110_000, 110_000, 0);
  f(119_999, 110_000, 0);
  f(120_000, 120_000, 1);
  f(145_000, 140_000, 3);
  f(90_000, 110_000, 0);
});
