import type { LocalDay } from "./local-rule.ts";
import { ScheduleError } from "./schedule.ts";

export type CronFieldName = "minute" | "hour" | "day" | "month" | "weekday";

const BOUNDS: Readonly<Record<CronFieldName, readonly [lowest: number, highest: number]>> = {
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 31],
  month: [1, 12],
  weekday: [0, 7],
};

const NAMES: Readonly<Partial<Record<CronFieldName, readonly string[]>>> = {
  month: ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

const FRIDAY = 5;

/** One field of a cron expression: the numbers it names, and the special days. */
export class CronField {
  readonly values = new Set<number>();
  /** Begins with `*`: then day and weekday must both match. */
  readonly isOpen: boolean;
  readonly #name: CronFieldName;
  readonly #text: string;
  #isLastDay = false;
  #isLastWorkday = false;
  /** Weekdays that count only as the n-th of their month; 0 stands for the last. */
  readonly #nth = new Map<number, Set<number>>();

  constructor(name: CronFieldName, text: string) {
    this.#name = name;
    this.#text = text;
    this.isOpen = text.startsWith("*");
    for (const item of text.split(",")) this.#add(item);
  }

  get sorted(): readonly number[] {
    return [...this.values].sort((a, b) => a - b);
  }

  /** Names a day by its distance from the end of the month. */
  get hasLast(): boolean {
    return this.#isLastDay || this.#isLastWorkday;
  }

  matchesDayOfMonth({ day, daysInMonth, weekday }: LocalDay): boolean {
    if (this.values.has(day) || (this.#isLastDay && day === daysInMonth)) return true;
    if (!this.#isLastWorkday || weekday === 0 || weekday > FRIDAY) return false;
    // The last day, or the Friday before a weekend at the end.
    return day === daysInMonth || (weekday === FRIDAY && day >= daysInMonth - 2);
  }

  matchesWeekday({ weekday, day, daysInMonth }: LocalDay): boolean {
    if (this.values.has(weekday)) return true;
    const nth = this.#nth.get(weekday);
    if (nth === undefined) return false;
    return nth.has(Math.ceil(day / 7)) || (nth.has(0) && day > daysInMonth - 7);
  }

  #add(item: string): void {
    if (this.#addSpecialDay(item)) return;
    const [lowest, highest] = BOUNDS[this.#name];
    const [range = "", stepText, ...rest] = item.split("/");
    const step = stepText === undefined ? 1 : this.#whole(stepText);
    if (rest.length > 0 || step === 0) throw this.#fault();
    const [from, until] = this.#range(range, stepText === undefined, lowest, highest);
    for (let value = from; value <= until; value += step) this.values.add(this.#canonical(value));
  }

  #range(text: string, isSingle: boolean, lowest: number, highest: number): readonly [number, number] {
    if (text === "*") return [lowest, this.#name === "weekday" ? highest - 1 : highest];
    const [fromText = "", untilText, ...rest] = text.split("-");
    if (rest.length > 0) throw this.#fault();
    const from = this.#number(fromText);
    const until = untilText === undefined ? (isSingle ? from : highest) : this.#number(untilText);
    if (until < from) throw this.#fault();
    return [from, until];
  }

  #addSpecialDay(item: string): boolean {
    const text = item.toLowerCase();
    if (this.#name === "day" && (text === "l" || text === "lw")) {
      if (text === "l") this.#isLastDay = true;
      else this.#isLastWorkday = true;
      return true;
    }
    const [, dayText, nthText] = (this.#name === "weekday" && /^(\w+?)(?:#(\d)|l)$/.exec(text)) || [];
    if (dayText === undefined) return false;
    const nth = nthText === undefined ? 0 : Number(nthText);
    if (nthText !== undefined && (nth < 1 || nth > 5)) throw this.#fault();
    const weekday = this.#canonical(this.#number(dayText));
    this.#nth.set(weekday, (this.#nth.get(weekday) ?? new Set()).add(nth));
    return true;
  }

  #number(text: string): number {
    const named = NAMES[this.#name]?.indexOf(text.toLowerCase()) ?? -1;
    const value = named >= 0 && text !== "" ? named : this.#whole(text);
    const [lowest, highest] = BOUNDS[this.#name];
    if (value < lowest || value > highest) throw this.#fault();
    return value;
  }

  #whole(text: string): number {
    if (!/^\d{1,4}$/.test(text)) throw this.#fault();
    return Number(text);
  }

  /** Sunday is 0 and 7. */
  #canonical(value: number): number {
    return this.#name === "weekday" && value === 7 ? 0 : value;
  }

  #fault(): ScheduleError {
    return new ScheduleError(`bad ${this.#name} ${JSON.stringify(this.#text)}`);
  }
}
