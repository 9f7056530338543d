import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDurationMs, parseDurationMs } from "./duration.ts";

test("duration - reads what Prometheus reads, and nothing else", () => {
  const f = (text: string, expected: number | undefined): void => expect(parseDurationMs(text)).toBe(expected);
  f("0", 0);
  f("5m", 300_000);
  f("1h30m", 5_400_000);
  f("1y2w3d4h5m6s7ms", 31_536_000_000 + 2 * 604_800_000 + 3 * 86_400_000 + 4 * 3_600_000 + 300_000 + 6000 + 7);
  f("", undefined);
  f("5", undefined);
  f("m", undefined);
  f("1m1h", undefined);
  f("1.5h", undefined);
  f("-5m", undefined);
  f("5 m", undefined);
});

test("duration - what is written reads back", () => {
  fc.assert(
    fc.property(fc.nat(10 ** 12), (durationMs) => {
      expect(parseDurationMs(formatDurationMs(durationMs))).toBe(durationMs);
    }),
  );
  expect(formatDurationMs(5_400_000)).toBe("1h30m");
  expect(formatDurationMs(90_000)).toBe("1m30s");
});
