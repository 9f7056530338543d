import { expect, test } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

test.each([
  ["seconds", "7", 7000],
  ["fractions of seconds", "1.5", 1500],
  ["a date", "Fri, 02 Jan 2026 03:04:35 GMT", 30_000],
  ["a date that has passed", "Fri, 02 Jan 2026 03:04:00 GMT", 0],
  ["more than an hour", "86400", 3_600_000],
  ["no header", undefined, undefined],
  ["nonsense", "soon", undefined],
  ["a negative number", "-", undefined],
])("retry-after - %s", (_name, header, expected) => {
  expect(retryAfterMs(header, NOW_MS)).toBe(expected);
});
