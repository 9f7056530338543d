import { expect, test } from "vitest";
import { activeIntervals, isActive } from "./is-active.ts";
import type { TimeIntervalSpec } from "./time-interval.ts";
import { isLocation } from "./zoned-fields.ts";

const ANY: TimeIntervalSpec = {
  times: undefined,
  weekdays: undefined,
  daysOfMonth: undefined,
  months: undefined,
  years: undefined,
  location: undefined,
};

function f(spec: Partial<TimeIntervalSpec>, instant: string, expected: boolean): void {
  const interval = { name: "i", specs: [{ ...ANY, ...spec }] };
  expect(isActive(interval, new Date(instant)), `${JSON.stringify(spec)} at ${instant}`).toBe(expected);
}

test("time intervals - an end minute does not count, 24:00 is the day's end", () => {
  const times = [{ startMinute: 540, endMinute: 1020 }];
  f({ times }, "2026-03-02T09:00:00Z", true);
  f({ times }, "2026-03-02T16:59:59.999Z", true);
  f({ times }, "2026-03-02T17:00:00Z", false);
  f({ times: [{ startMinute: 1380, endMinute: 1440 }] }, "2026-03-02T23:59:59Z", true);
  f({ times: [] }, "2026-03-02T23:59:59Z", false);
  f({}, "2026-03-02T23:59:59Z", true);
});

test("time intervals - all fields must hold, one range of each", () => {
  const weekdays = [
    { begin: 1, end: 5 },
    { begin: 0, end: 0 },
  ];
  f({ weekdays }, "2026-03-01T12:00:00Z", true);
  f({ weekdays }, "2026-03-02T12:00:00Z", true);
  f({ weekdays }, "2026-03-07T12:00:00Z", false);
  f({ weekdays, years: [{ begin: 2020, end: 2025 }] }, "2026-03-02T12:00:00Z", false);
  f({ months: [{ begin: 1, end: 3 }] }, "2026-03-31T23:59:59Z", true);
  f({ months: [{ begin: 1, end: 3 }] }, "2026-04-01T00:00:00Z", false);
});

test("time intervals - days from the end follow the month's length", () => {
  const last = [{ begin: -1, end: -1 }];
  f({ daysOfMonth: last }, "2026-02-28T12:00:00Z", true);
  f({ daysOfMonth: last }, "2028-02-28T12:00:00Z", false);
  f({ daysOfMonth: last }, "2028-02-29T12:00:00Z", true);
  f({ daysOfMonth: [{ begin: 30, end: 31 }] }, "2026-02-28T12:00:00Z", false);
  f({ daysOfMonth: [{ begin: 25, end: 31 }] }, "2026-02-28T12:00:00Z", true);
  f({ daysOfMonth: [{ begin: -31, end: -28 }] }, "2026-02-01T12:00:00Z", true);
  f({ daysOfMonth: [{ begin: -31, end: -29 }] }, "2026-02-01T12:00:00Z", false);
  f({ daysOfMonth: [{ begin: 1, end: -1 }] }, "2026-02-15T12:00:00Z", true);
});

test("time intervals - a place's own clock counts, daylight saving included", () => {
  const spec = { times: [{ startMinute: 540, endMinute: 600 }], location: "Europe/Berlin" };
  f(spec, "2026-01-15T08:30:00Z", true);
  f(spec, "2026-07-15T08:30:00Z", false);
  f(spec, "2026-07-15T07:30:00Z", true);
  // The hour from two to three does not exist on that day, and comes twice in October.
  const skipped = { times: [{ startMinute: 120, endMinute: 180 }], location: "Europe/Berlin" };
  f(skipped, "2026-03-29T00:59:59Z", false);
  f(skipped, "2026-03-29T01:00:00Z", false);
  f(skipped, "2026-10-25T00:30:00Z", true);
  f(skipped, "2026-10-25T01:30:00Z", true);
  f({ weekdays: [{ begin: 1, end: 1 }], location: "Pacific/Auckland" }, "2026-03-01T11:30:00Z", true);
  f({ daysOfMonth: [{ begin: -1, end: -1 }], location: "America/New_York" }, "2026-03-01T03:00:00Z", true);
  f({ times: [{ startMinute: 0, endMinute: 60 }], location: "Asia/Kathmandu" }, "2026-03-01T18:20:00Z", true);
});

test("time intervals - places are names, not offsets", () => {
  for (const location of ["UTC", "Local", "", "Asia/Kolkata", "Asia/Calcutta", "EST"]) {
    expect(isLocation(location), location).toBe(true);
  }
  for (const location of ["+02:00", "Mars/Olympus", "../etc", "x"]) expect(isLocation(location), location).toBe(false);
});

test("time intervals - the active ones of a list, unknown names left out", () => {
  const always = { name: "always", specs: [ANY] };
  const never = { name: "never", specs: [] };
  const intervals = new Map([always, never].map((interval) => [interval.name, interval]));
  expect(activeIntervals(["never", "gone", "always"], intervals, new Date(0))).toEqual(["always"]);
});
