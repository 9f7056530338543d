import { expect, test } from "vitest";
import { formatDateTime, parseDateTime, ZERO_TIME_MS } from "./date-time.ts";

test("date time - reads RFC 3339 and what upstream takes beside it", () => {
  const f = (text: string, expected: string | undefined): void => {
    const timestampMs = parseDateTime(text);
    expect(timestampMs === undefined ? undefined : formatDateTime(timestampMs), text).toBe(expected);
  };
  f("2026-02-03T04:05:06Z", "2026-02-03T04:05:06.000Z");
  f("2026-02-03T04:05:06.7Z", "2026-02-03T04:05:06.700Z");
  f("2026-02-03T04:05:06.123456789+01:30", "2026-02-03T02:35:06.123Z");
  f("2026-02-03T04:05:06-0200", "2026-02-03T06:05:06.000Z");
  f("2026-02-03 04:05:06", "2026-02-03T04:05:06.000Z");
  f("2024-02-29t00:00:00z", "2024-02-29T00:00:00.000Z");
  f("2026-02-29T00:00:00Z", undefined);
  f("2026-13-01T00:00:00Z", undefined);
  f("2026-01-01T24:00:00Z", undefined);
  f("2026-01-01T00:00:00+99:00", undefined);
  f("2026-01-01", undefined);
  f("", undefined);
  f("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z");
  expect(parseDateTime("0001-01-01T00:00:00.000Z")).toBe(ZERO_TIME_MS);
});
