import fc from "fast-check";
import { expect, test } from "vitest";
import { CalendarSchedule } from "./calendar-schedule.ts";
import { CronSchedule } from "./cron-schedule.ts";
import type { Schedule } from "./schedule.ts";
import { TimeZone } from "./time-zone.ts";

/** The next moments, as UTC. */
function upcoming(schedule: Schedule, zoneName: string, after: string, count: number): string[] {
  const zone = new TimeZone(zoneName);
  const found: string[] = [];
  for (let at: number | undefined = Date.parse(after); found.length < count; ) {
    at = schedule.nextAfter(at, zone);
    if (at === undefined) break;
    found.push(new Date(at).toISOString().replace(":00.000Z", "").replace(".000Z", ""));
  }
  return found;
}

test.each<[expression: string, zone: string, after: string, due: readonly string[]]>([
  ["*/20 * * * *", "UTC", "2026-01-01T00:00:00Z", ["2026-01-01T00:20", "2026-01-01T00:40", "2026-01-01T01:00"]],
  ["0 9 * * mon-fri", "UTC", "2026-01-02T09:00:00Z", ["2026-01-05T09:00", "2026-01-06T09:00"]],
  ["0 0 * * 7", "UTC", "2026-01-01T00:00:00Z", ["2026-01-04T00:00", "2026-01-11T00:00"]],
  ["0 0 13 * 5", "UTC", "2026-02-01T00:00:00Z", ["2026-02-06T00:00", "2026-02-13T00:00"]],
  ["0 0 */10 * 1", "UTC", "2026-01-01T00:00:01Z", ["2026-05-11T00:00", "2026-06-01T00:00"]],
  ["0 0 L * *", "UTC", "2026-01-31T00:00:00Z", ["2026-02-28T00:00", "2026-03-31T00:00"]],
  ["0 0 LW * *", "UTC", "2026-01-01T00:00:00Z", ["2026-01-30T00:00", "2026-02-27T00:00"]],
  ["0 0 * * 5L", "UTC", "2026-01-01T00:00:00Z", ["2026-01-30T00:00", "2026-02-27T00:00"]],
  ["0 0 * * fri#2", "UTC", "2026-01-01T00:00:00Z", ["2026-01-09T00:00", "2026-02-13T00:00"]],
  ["0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", ["2028-02-29T00:00", "2032-02-29T00:00"]],
  ["5/10 0 * * *", "UTC", "2026-01-01T00:10:00Z", ["2026-01-01T00:15", "2026-01-01T00:25"]],
])("cron - '%s' in %s after %s", (expression, zone, after, due) => {
  expect(upcoming(new CronSchedule(expression), zone, after, due.length)).toEqual(due);
});

test.each<[why: string, expression: string, zone: string, after: string, due: readonly string[]]>([
  [
    "a fixed time in the hole is due right after it",
    "30 2 * * *",
    "Europe/Berlin",
    "2026-03-28T12:00:00Z",
    ["2026-03-29T01:00", "2026-03-30T00:30"],
  ],
  [
    "a fixed time that comes twice is due once",
    "30 2 * * *",
    "Europe/Berlin",
    "2026-10-24T12:00:00Z",
    ["2026-10-25T00:30", "2026-10-26T01:30"],
  ],
  [
    "a wildcard follows the clock when an hour comes twice",
    "*/30 2 * * *",
    "Europe/Berlin",
    "2026-10-24T12:00:00Z",
    ["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-26T01:00"],
  ],
  [
    "a wildcard follows the clock over the hole",
    "*/30 2 * * *",
    "America/New_York",
    "2026-03-07T12:00:00Z",
    ["2026-03-09T06:00", "2026-03-09T06:30"],
  ],
  [
    "a fixed time in the hole, in New York",
    "15 2 * * *",
    "America/New_York",
    "2026-03-07T12:00:00Z",
    ["2026-03-08T07:00", "2026-03-09T06:15"],
  ],
  [
    "half an hour comes twice on Lord Howe",
    "*/15 1 * * *",
    "Australia/Lord_Howe",
    "2026-04-04T14:20:00Z",
    ["2026-04-04T14:30", "2026-04-04T14:45", "2026-04-04T15:00", "2026-04-04T15:15", "2026-04-05T14:30"],
  ],
])("cron over a clock change - %s", (_why, expression, zone, after, due) => {
  expect(upcoming(new CronSchedule(expression), zone, after, due.length)).toEqual(due);
});

test.each<[text: string, zone: string, after: string, due: readonly string[]]>([
  ["daily", "UTC", "2026-01-01T00:00:00Z", ["2026-01-02T00:00", "2026-01-03T00:00"]],
  ["*:0/15", "UTC", "2026-01-01T00:00:00Z", ["2026-01-01T00:15", "2026-01-01T00:30"]],
  ["Mon..Wed 10:00", "UTC", "2026-01-01T00:00:00Z", ["2026-01-05T10:00", "2026-01-06T10:00", "2026-01-07T10:00"]],
  ["*-*~1 00:00", "UTC", "2026-01-31T00:00:00Z", ["2026-02-28T00:00", "2026-03-31T00:00"]],
  ["Mon *-05~07/1", "UTC", "2026-01-01T00:00:00Z", ["2026-05-25T00:00", "2027-05-31T00:00"]],
  ["10,12:00..10/5:30", "UTC", "2026-01-01T12:00:30Z", ["2026-01-01T12:05:30", "2026-01-01T12:10:30"]],
  ["2027-01-01", "UTC", "2026-01-01T00:00:00Z", ["2027-01-01T00:00"]],
  ["12:00 Asia/Kolkata", "Europe/Berlin", "2026-01-01T00:00:00Z", ["2026-01-01T06:30"]],
  ["Sat 06:00\nSun 07:00", "UTC", "2026-01-01T00:00:00Z", ["2026-01-03T06:00", "2026-01-04T07:00"]],
  ["02:30", "Europe/Berlin", "2026-03-28T12:00:00Z", ["2026-03-30T00:30"]],
  ["02:30", "Europe/Berlin", "2026-10-24T12:00:00Z", ["2026-10-25T00:30", "2026-10-26T01:30"]],
  ["*:30", "America/New_York", "2026-11-01T04:45:00Z", ["2026-11-01T05:30", "2026-11-01T07:30"]],
])("calendar - '%s' in %s after %s", (text, zone, after, due) => {
  expect(upcoming(new CalendarSchedule(text), zone, after, due.length)).toEqual(due);
});

test("calendar - what lies in the past only is never due", () => {
  expect(upcoming(new CalendarSchedule("2020-01-01"), "UTC", "2026-01-01T00:00:00Z", 1)).toEqual([]);
});

test.each([
  ["* * * *", "expected five fields"],
  ["@daily", "expected five fields"],
  ["60 * * * *", "bad minute"],
  ["* 24 * * *", "bad hour"],
  ["* * 0 * *", "bad day"],
  ["* * 5-3 * *", "bad day"],
  ["* * * 13 *", "bad month"],
  ["* * * * 8", "bad weekday"],
  ["* * * * fri#6", "bad weekday"],
  ["*/0 * * * *", "bad minute"],
  ["1,,2 * * * *", "bad minute"],
  ["0 0 30 2 *", "no month"],
])("cron - '%s' is refused: %s", (expression, message) => {
  expect(() => new CronSchedule(expression)).toThrow(message);
});

test.each([
  ["", "empty"],
  ["foo", "bad weekday"],
  ["Fri..Mon 10:00", "bad weekday"],
  ["*/9:00", "bad hour"],
  ["25:00", "bad hour"],
  ["2026-13-01", "bad month"],
  ["10:00 10:00", "cannot read"],
  ["12:00 Nowhere/Land", "unknown time zone"],
  ["@1700000000", "cannot read"],
])("calendar - '%s' is refused: %s", (text, message) => {
  expect(() => new CalendarSchedule(text)).toThrow(message);
});

test("schedules - what is due lies after the moment asked for, and asking just before it finds it again", () => {
  const schedules = ["*/7 * * * *", "30 2 * * *", "15 */3 L * 5"].map((text): Schedule => new CronSchedule(text));
  schedules.push(new CalendarSchedule("02:15"), new CalendarSchedule("Mon,Thu *:10/25"));
  const zones = ["Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"].map((name) => new TimeZone(name));
  const instants = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) });
  fc.assert(
    fc.property(fc.constantFrom(...schedules), fc.constantFrom(...zones), instants, (schedule, zone, instantMs) => {
      const due = schedule.nextAfter(instantMs, zone);
      expect(due).toBeGreaterThan(instantMs);
      expect(schedule.nextAfter((due ?? 0) - 1, zone)).toBe(due);
    }),
    { numRuns: 300 },
  );
});
