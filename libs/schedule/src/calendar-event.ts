import { CalendarField } from "./calendar-field.ts";
import type { LocalDay, LocalRule } from "./local-rule.ts";
import { ScheduleError } from "./schedule.ts";
import { TimeZone } from "./time-zone.ts";

const SHORTHANDS: ReadonlyMap<string, string> = new Map([
  ["minutely", "*-*-* *:*:00"],
  ["hourly", "*-*-* *:00:00"],
  ["daily", "*-*-* 00:00:00"],
  ["monthly", "*-*-01 00:00:00"],
  ["weekly", "Mon *-*-* 00:00:00"],
  ["yearly", "*-01-01 00:00:00"],
  ["annually", "*-01-01 00:00:00"],
  ["quarterly", "*-01,04,07,10-01 00:00:00"],
  ["semiannually", "*-01,07-01 00:00:00"],
  ["semi-annually", "*-01,07-01 00:00:00"],
]);

const LAST_YEAR = 2199;

/** One line: `[weekdays] [year-month-day] [hour:minute[:second]] [time zone]`, or a shorthand such as `daily`. */
export class CalendarEvent {
  readonly rule: LocalRule;
  readonly zone: TimeZone | undefined;

  constructor(line: string) {
    const words = line.split(/\s+/);
    this.zone = zoneOf(words);
    if (this.zone !== undefined) words.pop();
    const expanded = SHORTHANDS.get(words.join(" ").toLowerCase());
    const parts = expanded === undefined ? words : expanded.split(" ");
    const weekdays = isWeekdays(parts[0]) ? CalendarField.weekdays(parts.shift() ?? "") : undefined;
    const date = isDate(parts[0]) ? dateOf(parts.shift() ?? "") : dateOf("*-*-*");
    const time = parts[0]?.includes(":") === true ? timeOf(parts.shift() ?? "") : timeOf("00:00:00");
    const [unknown] = parts;
    if (unknown !== undefined || line === "") throw new ScheduleError(`cannot read ${JSON.stringify(unknown ?? "")}`);
    this.rule = {
      ...time,
      months: new Set(date.month.sorted),
      matchesDay: (day) => date.matches(day) && (weekdays === undefined || weekdays.has(day.weekday)),
      lastYear: Math.min(date.year.highest, LAST_YEAR),
    };
  }
}

function isWeekdays(text: string | undefined): boolean {
  return text !== undefined && /^[a-z]/i.test(text);
}

function isDate(text: string | undefined): boolean {
  return text !== undefined && !text.includes(":") && /[-~]/.test(text);
}

/** The last word, where it is a zone and no weekday. */
function zoneOf(words: readonly string[]): TimeZone | undefined {
  const last = words.at(-1) ?? "";
  if (words.length < 2 || !/^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(last)) return undefined;
  return new TimeZone(last);
}

interface CalendarDate {
  readonly year: CalendarField;
  readonly month: CalendarField;
  readonly matches: (day: LocalDay) => boolean;
}

/** `year-month-day`, `month-day`; a tilde before the day counts from the end of the month. */
function dateOf(text: string): CalendarDate {
  const match = /^(?:([^-~]+)-)?([^-~]+)([-~])([^-~]+)$/.exec(text);
  const [, yearText = "*", monthText, separator, dayText] = match ?? [];
  if (monthText === undefined || dayText === undefined) throw new ScheduleError(`bad date ${JSON.stringify(text)}`);
  const year = CalendarField.parse("year", yearText);
  const month = CalendarField.parse("month", monthText);
  const isFromEnd = separator === "~";
  const day = isFromEnd ? CalendarField.daysFromEnd(dayText) : CalendarField.parse("day", dayText);
  const matches = (local: LocalDay): boolean =>
    year.has(local.year) &&
    month.has(local.month) &&
    day.has(isFromEnd ? local.daysInMonth - local.day + 1 : local.day);
  return { year, month, matches };
}

function timeOf(text: string): Pick<LocalRule, "hours" | "minutes" | "seconds"> {
  const [hour = "", minute = "", second = "0", ...rest] = text.split(":");
  if (rest.length > 0) throw new ScheduleError(`bad time ${JSON.stringify(text)}`);
  return {
    hours: CalendarField.parse("hour", hour).sorted,
    minutes: CalendarField.parse("minute", minute).sorted,
    seconds: CalendarField.parse("second", second).sorted,
  };
}
