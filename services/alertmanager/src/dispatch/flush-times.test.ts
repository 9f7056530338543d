import { describe, expect, test } from "vitest";
import { firstFlushMs, resumedFlushMs } from "./flush-times.ts";
import { formatInstant } from "./notification-alerts.ts";

const SECOND = 1000;

describe("flush times", () => {
  test("a new group waits, an old alert hardly", () => {
    expect(firstFlushMs(100 * SECOND, 10 * SECOND, 100 * SECOND)).toBe(110 * SECOND);
    expect(firstFlushMs(90 * SECOND, 10 * SECOND, 100 * SECOND)).toBe(110 * SECOND);
    expect(firstFlushMs(89 * SECOND, 10 * SECOND, 100 * SECOND)).toBe(100 * SECOND + 100);
    expect(firstFlushMs(0, 0, 100 * SECOND)).toBe(100 * SECOND);
    expect(firstFlushMs(1e9, 10 * SECOND, 100 * SECOND)).toBe(110 * SECOND);
  });

  test("a group that goes on is flushed in its rhythm", () => {
    const f = (lastFlush: number | undefined, startsAt: number, now: number): number =>
      resumedFlushMs({
        lastFlushMs: lastFlush === undefined ? undefined : lastFlush * SECOND,
        startsAtMs: startsAt * SECOND,
        groupIntervalMs: 60 * SECOND,
        groupWaitMs: 10 * SECOND,
        nowMs: now * SECOND,
      }) / SECOND;
    expect(f(100, 0, 110)).toBe(160);
    expect(f(100, 0, 159)).toBe(160);
    expect(f(100, 0, 160)).toBe(160);
    expect(f(100, 0, 175)).toBe(160);
    expect(f(100, 0, 176)).toBe(220);
    expect(f(100, 0, 1001)).toBe(1000);
    expect(f(undefined, 100, 104)).toBe(110);
    expect(f(undefined, 100, 300)).toBe(300.1);
    expect(f(undefined, 500, 300)).toBe(310);
    // A clock that was ahead must not silence a group for longer than an interval.
    expect(f(1000, 0, 300)).toBe(360);
  });

  test("instants are written as Go writes them", () => {
    const f = (text: string): string => formatInstant(Date.parse(text));
    expect(f("2026-01-01T00:00:00.000Z")).toBe("2026-01-01T00:00:00Z");
    expect(f("2026-01-01T00:00:00.120Z")).toBe("2026-01-01T00:00:00.12Z");
    expect(f("2026-01-01T00:00:10.001Z")).toBe("2026-01-01T00:00:10.001Z");
  });
});
