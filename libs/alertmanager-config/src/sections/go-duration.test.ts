import fc from "fast-check";
import { expect, test } from "vitest";
import { formatGoDuration, parseGoDurationMs } from "./go-duration.ts";

test("go durations - read as Go does, and nothing else", () => {
  const f = (text: string, expected: number | undefined): void => expect(parseGoDurationMs(text), text).toBe(expected);
  f("0", 0);
  f("10s", 10_000);
  f("1m30s", 90_000);
  f("1.5h", 5_400_000);
  f(".5s", 500);
  f("1.s", 1000);
  f("30s1m", 90_000);
  f("250us", 0.25);
  f("250µs", 0.25);
  f("-5s", -5000);
  f("1d", undefined);
  f("1w", undefined);
  f("10", undefined);
  f("", undefined);
  f("s", undefined);
  f(".s", undefined);
  f("1 s", undefined);
  f("9999999h", undefined);
});

test("go durations - print as Go does", () => {
  const f = (durationMs: number, expected: string): void => expect(formatGoDuration(durationMs)).toBe(expected);
  f(0, "0s");
  f(10_000, "10s");
  f(90_000, "1m30s");
  f(3_600_000, "1h0m0s");
  f(1500, "1.5s");
  f(500, "500ms");
  f(0.25, "250µs");
  f(0.0001, "100ns");
  f(-5000, "-5s");
});

test("go durations - what is printed reads back", () => {
  fc.assert(
    fc.property(fc.nat(10 ** 10), (durationMs) => {
      expect(parseGoDurationMs(formatGoDuration(durationMs))).toBe(durationMs);
    }),
  );
});
