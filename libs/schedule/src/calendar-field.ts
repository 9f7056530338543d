import { ScheduleError } from "./schedule.ts";

export type CalendarFieldName = "year" | "month" | "day" | "hour" | "minute" | "second";

const BOUNDS: Readonly<Record<CalendarFieldName, readonly [lowest: number, highest: number]>> = {
  year: [1970, 2199],
  month: [1, 12],
  day: [1, 31],
  hour: [0, 23],
  minute: [0, 59],
  second: [0, 59],
};

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** The numbers that one field of a calendar event names: `*`, lists, ranges with `..`, steps with `/`. */
export class CalendarField {
  readonly #values: ReadonlySet<number>;

  private constructor(values: ReadonlySet<number>) {
    this.#values = values;
  }

  static parse(name: CalendarFieldName, text: string): CalendarField {
    const values = new Set<number>();
    for (const item of text.split(",")) addItem(values, item, name);
    return new CalendarField(values);
  }

  /** Days counted from the end of the month, where repeats go on towards the end: `3/1` are the last three days. */
  static daysFromEnd(text: string): CalendarField {
    const values = new Set<number>();
    for (const item of text.split(",")) {
      const [, first, step] = /^(\d{1,2})\/(\d{1,2})$/.exec(item) ?? [];
      addItem(values, first ?? item, "day");
      if (step === undefined) continue;
      if (Number(step) === 0) throw faultOf("day", item);
      for (let value = Number(first); value >= 1; value -= Number(step)) values.add(value);
    }
    return new CalendarField(values);
  }

  /** Names or their beginnings of three letters, lists and ranges; 0 is Sunday. */
  static weekdays(text: string): CalendarField {
    const values = new Set<number>();
    for (const item of text.replace(/,$/, "").split(",")) {
      const [from = "", until = from, ...rest] = item.split("..");
      const [first, last] = [weekdayOf(from), weekdayOf(until)];
      if (rest.length > 0 || first === undefined || last === undefined || last < first) {
        throw new ScheduleError(`bad weekday ${JSON.stringify(text)}`);
      }
      for (let weekday = first; weekday <= last; weekday++) values.add((weekday + 1) % 7);
    }
    return new CalendarField(values);
  }

  get sorted(): readonly number[] {
    return [...this.#values].sort((a, b) => a - b);
  }

  get highest(): number {
    return Math.max(...this.#values);
  }

  has(value: number): boolean {
    return this.#values.has(value);
  }
}

/** Counted from Monday. */
function weekdayOf(text: string): number | undefined {
  const index = WEEKDAYS.findIndex((name) => name === text.toLowerCase() || name.slice(0, 3) === text.toLowerCase());
  return index < 0 ? undefined : index;
}

function addItem(values: Set<number>, item: string, name: CalendarFieldName): void {
  const [lowest, highest] = BOUNDS[name];
  // As systemd, no step after a star.
  const match = /^(?:\*|(\d{1,4})(?:\.\.(\d{1,4}))?(?:\/(\d{1,4}))?)$/.exec(item);
  if (match === null) throw faultOf(name, item);
  const [, fromText, untilText, stepText] = match;
  const numberOf = (text: string): number =>
    name === "year" && text.length === 2 ? centuryOf(Number(text)) : Number(text);
  const from = fromText === undefined ? lowest : numberOf(fromText);
  const isOpen = fromText === undefined || (untilText === undefined && stepText !== undefined);
  const until = untilText === undefined ? (isOpen ? highest : from) : numberOf(untilText);
  const step = stepText === undefined ? 1 : Number(stepText);
  if (from < lowest || until > highest || from > until || step === 0) throw faultOf(name, item);
  for (let value = from; value <= until; value += step) values.add(value);
}

function faultOf(name: CalendarFieldName, item: string): ScheduleError {
  return new ScheduleError(`bad ${name} ${JSON.stringify(item)}`);
}

/** Years of two digits, as systemd reads them. */
function centuryOf(year: number): number {
  return year < 70 ? 2000 + year : 1900 + year;
}
