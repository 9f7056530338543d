import { CronField } from "./cron-field.ts";
import { type LocalDay, type LocalRule, nextLocal } from "./local-rule.ts";
import { type Schedule, ScheduleError } from "./schedule.ts";
import type { TimeZone } from "./time-zone.ts";

const MINUTE_MS = 60_000;
const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const LAST_YEAR = 2199;

/**
 * A cron expression of five fields, as Debian's cron reads it: names of months and weekdays, lists, ranges and steps; and
 * as Healthchecks takes them `L` and `LW` (last day, last weekday of the month), `5L` (last Friday), `5#2` (second
 * Friday). Day and weekday must both match where one of them begins with `*`, else either. Over clock changes: a job at
 * fixed times that the clock jumped over is due right after the jump and is due once when the hour comes twice; a job
 * with a `*` in minutes or hours follows the clock as it is.
 */
export class CronSchedule implements Schedule {
  readonly #rule: LocalRule;
  readonly #isFixedTime: boolean;

  /** Throws `ScheduleError` that names the field. */
  constructor(expression: string) {
    const parts = expression.trim().split(/\s+/);
    const [minute, hour, day, month, weekday] = parts;
    if (
      parts.length !== 5 ||
      minute === undefined ||
      hour === undefined ||
      day === undefined ||
      month === undefined ||
      weekday === undefined
    ) {
      throw new ScheduleError(`expected five fields (minute hour day month weekday), found ${parts.length}`);
    }
    const months = new CronField("month", month);
    const days = new CronField("day", day);
    const weekdays = new CronField("weekday", weekday);
    const longest = Math.max(...[...months.values].map((each) => LONGEST_MONTHS[each - 1] ?? 0));
    if (!days.isOpen && days.values.size > 0 && !days.hasLast && Math.min(...days.values) > longest) {
      throw new ScheduleError(`no month of the schedule has a day ${day}`);
    }
    this.#isFixedTime = !minute.startsWith("*") && !hour.startsWith("*");
    this.#rule = {
      months: months.values,
      matchesDay: dayCondition(days, weekdays),
      hours: new CronField("hour", hour).sorted,
      minutes: new CronField("minute", minute).sorted,
      seconds: [0],
      lastYear: LAST_YEAR,
    };
  }

  nextAfter(instantMs: number, zone: TimeZone): number | undefined {
    return this.#isFixedTime ? this.#nextFixed(instantMs, zone) : this.#nextByClock(instantMs, zone);
  }

  #nextFixed(instantMs: number, zone: TimeZone): number | undefined {
    let fromLocal = nextMinute(zone.localOf(instantMs));
    // The clock may have been put back since the last run; those times were due already.
    for (;;) {
      const local = nextLocal(this.#rule, fromLocal);
      if (local === undefined) return undefined;
      const { instants, afterGap } = zone.instantsOf(local);
      const due = instants[0] ?? afterGap;
      if (due !== undefined && due > instantMs) return due;
      fromLocal = local + MINUTE_MS;
    }
  }

  #nextByClock(instantMs: number, zone: TimeZone): number | undefined {
    const change = zone.nextChange(instantMs);
    const offset = zone.offsetAt(instantMs);
    const local = nextLocal(this.#rule, nextMinute(instantMs + offset));
    if (local === undefined) return undefined;
    if (change === undefined) return this.#firstInstant(local, instantMs, zone);
    const before = local - offset;
    if (before < change) return before;
    const again = nextLocal(this.#rule, zone.localOf(change));
    return again === undefined ? undefined : this.#firstInstant(again, change - 1, zone);
  }

  /** Of a local time that a jump of the clock left out, the next that was not. */
  #firstInstant(localMs: number, afterMs: number, zone: TimeZone): number | undefined {
    const { instants, afterGap } = zone.instantsOf(localMs);
    const found = instants.find((each) => each > afterMs);
    if (found !== undefined) return found;
    const next = nextLocal(this.#rule, afterGap === undefined ? localMs + MINUTE_MS : zone.localOf(afterGap));
    return next === undefined ? undefined : this.#firstInstant(next, afterMs, zone);
  }
}

function nextMinute(localMs: number): number {
  return (Math.floor(localMs / MINUTE_MS) + 1) * MINUTE_MS;
}

function dayCondition(days: CronField, weekdays: CronField): (day: LocalDay) => boolean {
  const byDay = (day: LocalDay): boolean => days.matchesDayOfMonth(day);
  const byWeekday = (day: LocalDay): boolean => weekdays.matchesWeekday(day);
  if (days.isOpen || weekdays.isOpen) return (day) => byDay(day) && byWeekday(day);
  return (day) => byDay(day) || byWeekday(day);
}
