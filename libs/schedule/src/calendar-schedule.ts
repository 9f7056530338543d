import { CalendarEvent } from "./calendar-event.ts";
import { nextLocal } from "./local-rule.ts";
import { type Schedule, ScheduleError } from "./schedule.ts";
import type { TimeZone } from "./time-zone.ts";

/**
 * systemd's calendar events (`OnCalendar=`), one or several lines; due is whatever any of them names. A line may end with
 * a time zone of its own. Local times that a clock change leaves out are left out, those that come twice count once, the
 * first time, as Healthchecks does.
 */
export class CalendarSchedule implements Schedule {
  readonly #events: readonly CalendarEvent[];

  /** Throws `ScheduleError` that names the part at fault. */
  constructor(text: string) {
    const lines = text.split("\n").map((line) => line.trim());
    this.#events = lines.filter((line) => line !== "").map((line) => new CalendarEvent(line));
    if (this.#events.length === 0) throw new ScheduleError("the schedule is empty");
  }

  nextAfter(instantMs: number, zone: TimeZone): number | undefined {
    const due = this.#events.map((event) => nextOf(event, instantMs, event.zone ?? zone));
    const found = due.filter((each) => each !== undefined);
    return found.length === 0 ? undefined : Math.min(...found);
  }
}

function nextOf({ rule }: CalendarEvent, instantMs: number, zone: TimeZone): number | undefined {
  let fromLocal = Math.floor(zone.localOf(instantMs) / 1000) * 1000 + 1000;
  for (;;) {
    const local = nextLocal(rule, fromLocal);
    if (local === undefined) return undefined;
    const [first] = zone.instantsOf(local).instants;
    if (first !== undefined && first > instantMs) return first;
    fromLocal = local + 1000;
  }
}
