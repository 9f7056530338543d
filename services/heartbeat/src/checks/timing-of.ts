import { CalendarSchedule, CronSchedule, TimeZone } from "@monotreme/schedule";
import type { CheckDefinition } from "./check.ts";
import type { CheckTiming } from "./deadline.ts";

/** What a check's deadlines depend on; throws `ScheduleError` for a schedule or zone that cannot be understood. */
export function timingOf({ schedule, graceMs }: Pick<CheckDefinition, "schedule" | "graceMs">): CheckTiming {
  if (schedule.kind === "simple") return { schedule: schedule.periodMs, graceMs };
  const { kind, expression, timeZone } = schedule;
  const dates = kind === "cron" ? new CronSchedule(expression) : new CalendarSchedule(expression);
  return { schedule: { dates, zone: zoneOf(timeZone) }, graceMs };
}

const zones = new Map<string, TimeZone>();

/** Zones remember their offsets, so checks share them. */
function zoneOf(name: string): TimeZone {
  const zone = zones.get(name) ?? new TimeZone(name);
  zones.set(name, zone);
  return zone;
}
