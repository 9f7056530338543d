export { CalendarSchedule } from "./calendar-schedule.ts";
export { CronSchedule } from "./cron-schedule.ts";
export { type Schedule, ScheduleError } from "./schedule.ts";
export { TimeZone } from "./time-zone.ts";
