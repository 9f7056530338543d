const DAY_MS = 86_400_000;

/** A day of the calendar. */
export interface LocalDay {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly daysInMonth: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

/** Which local times belong to a schedule: days by a condition, times of the day by sorted lists. */
export interface LocalRule {
  readonly matchesDay: (day: LocalDay) => boolean;
  /** Which months are worth a look. */
  readonly months: ReadonlySet<number>;
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
  /** Nothing is due after this year. */
  readonly lastYear: number;
}

/** The first local time from the given one on, itself included (epoch ms as if the local clock showed UTC). */
export function nextLocal(rule: LocalRule, fromLocalMs: number): number | undefined {
  const from = Math.ceil(fromLocalMs / 1000) * 1000;
  let midnight = Math.floor(from / DAY_MS) * DAY_MS;
  let earliest = (from - midnight) / 1000;
  for (;;) {
    const day = localDay(midnight);
    if (day.year > rule.lastYear) return undefined;
    if (!rule.months.has(day.month)) {
      midnight = Date.UTC(day.year, day.month, 1);
      earliest = 0;
      continue;
    }
    const second = rule.matchesDay(day) ? nextSecondOfDay(rule, earliest) : undefined;
    if (second !== undefined) return midnight + second * 1000;
    midnight += DAY_MS;
    earliest = 0;
  }
}

function localDay(midnight: number): LocalDay {
  const date = new Date(midnight);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const daysInMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return { year, month: month + 1, day: date.getUTCDate(), daysInMonth, weekday: date.getUTCDay() };
}

/** The first second of the day from the given one on. */
function nextSecondOfDay({ hours, minutes, seconds }: LocalRule, earliest: number): number | undefined {
  for (const hour of hours) {
    if (hour * 3600 + 3599 < earliest) continue;
    for (const minute of minutes) {
      const start = hour * 3600 + minute * 60;
      if (start + 59 < earliest) continue;
      const second = seconds.find((each) => start + each >= earliest);
      if (second !== undefined) return start + second;
    }
  }
  return undefined;
}
