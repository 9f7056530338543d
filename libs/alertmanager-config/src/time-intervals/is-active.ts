import type { InclusiveRange, TimeInterval, TimeIntervalSpec } from "./time-interval.ts";
import { zonedFields } from "./zoned-fields.ts";

/** Whether an instant lies in one of a time interval's specs. */
export function isActive(interval: TimeInterval, date: Date): boolean {
  return interval.specs.some((spec) => contains(spec, date));
}

/** The names among `names` whose interval is active; a name that no interval has is left out. */
export function activeIntervals(
  names: readonly string[],
  intervals: ReadonlyMap<string, TimeInterval>,
  date: Date,
): readonly string[] {
  return names.filter((name) => {
    const interval = intervals.get(name);
    return interval !== undefined && isActive(interval, date);
  });
}

function contains(spec: TimeIntervalSpec, date: Date): boolean {
  const { year, month, day, weekday, minuteOfDay } = zonedFields(date, spec.location);
  const isInTimes =
    spec.times?.some(({ startMinute, endMinute }) => minuteOfDay >= startMinute && minuteOfDay < endMinute) ?? true;
  return (
    isInTimes &&
    isInDays(spec.daysOfMonth, day, daysIn(year, month)) &&
    isIn(spec.months, month) &&
    isIn(spec.weekdays, weekday) &&
    isIn(spec.years, year)
  );
}

function isIn(ranges: readonly InclusiveRange[] | undefined, value: number): boolean {
  return ranges?.some(({ begin, end }) => value >= begin && value <= end) ?? true;
}

/** Days beyond a short month's end are cut off at it; a range that begins after it never holds in that month. */
function isInDays(ranges: readonly InclusiveRange[] | undefined, day: number, days: number): boolean {
  const fromStart = (bound: number): number => (bound < 0 ? days + bound + 1 : bound);
  return ranges?.some(({ begin, end }) => day >= fromStart(begin) && day <= fromStart(end)) ?? true;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
