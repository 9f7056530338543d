import { describe, expect, test } from "vitest";
import { dayOf, dayToAnnounce } from "./announcement-day.ts";

const DAY_MS = 86_400_000;
const NOON = 20_000.5 * DAY_MS;

describe("announcement day", () => {
  test("announcement day - a new series is named today, a named one not again", () => {
    expect(dayToAnnounce(0, 0, NOON)).toBe(20_000);
    expect(dayToAnnounce(0, 20_000, NOON)).toBe(0);
    expect(dayToAnnounce(0, 20_001, NOON)).toBe(0);
  });

  test("announcement day - tomorrow's naming spreads over the last two hours", () => {
    const dueAt = (hour: number): number => {
      const nowMs = 20_000 * DAY_MS + hour * 3_600_000;
      return Array.from({ length: 1000 }, (_, slot) => dayToAnnounce(slot, 20_000, nowMs)).filter(
        (day) => day === 20_001,
      ).length;
    };
    expect(dueAt(21.9)).toBe(0);
    expect(dueAt(23)).toBeGreaterThan(400);
    expect(dueAt(23)).toBeLessThan(600);
    expect(dueAt(23.9999)).toBeGreaterThan(990);
  });

  test("announcement day - days count from 1970 and also before it", () => {
    expect([dayOf(0), dayOf(DAY_MS - 1), dayOf(-1)]).toEqual([0, 0, -1]);
  });
});
