import type { CivilTime } from "./civil.ts";

/** English names of the months. */
export const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

/** English names of the days, from Sunday. */
export const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

/** The elements of Go's reference time; the text between them is literal. */
export const LAYOUT_TOKEN =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|0[1-6]|15|1|2006|2|_2006|__2|_2|3|4|5|PM|pm|[-Z]07:00:00|[-Z]070000|[-Z]07:00|[-Z]0700|[-Z]07|[.,](?:0+|9+)(?![0-9])/g;

/** What a layout shows: the time of day and date in its zone. */
export interface LayoutTime {
  readonly civil: CivilTime;
  readonly nanosecond: number;
  /** Seconds east of UTC. */
  readonly offset: number;
  readonly abbreviation: string;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function yearText(year: number): string {
  return year < 0 ? `-${String(-year).padStart(4, "0")}` : String(year).padStart(4, "0");
}

function offsetText(offset: number, token: string): string {
  if (token.startsWith("Z") && offset === 0) return "Z";
  const total = Math.abs(offset);
  const colon = token.includes(":") ? ":" : "";
  let text = `${offset < 0 ? "-" : "+"}${two(Math.floor(total / 3600))}`;
  const digits = token.replace(/[^0-9]/g, "").length;
  if (digits >= 4) text += colon + two(Math.floor(total / 60) % 60);
  if (digits >= 6) text += colon + two(total % 60);
  return text;
}

function fractionText(nanosecond: number, token: string): string {
  const digits = String(nanosecond)
    .padStart(9, "0")
    .slice(0, token.length - 1)
    .padEnd(Math.min(token.length - 1, 9), "0");
  if (token[1] === "0") return token.charAt(0) + digits.padEnd(token.length - 1, "0");
  const trimmed = digits.replace(/0+$/, "");
  return trimmed === "" ? "" : token.charAt(0) + trimmed;
}

const WRITERS: Readonly<Record<string, (time: LayoutTime) => string>> = {
  January: ({ civil }) => MONTHS[civil.month - 1] ?? "",
  Jan: ({ civil }) => (MONTHS[civil.month - 1] ?? "").slice(0, 3),
  Monday: ({ civil }) => WEEKDAYS[civil.weekday] ?? "",
  Mon: ({ civil }) => (WEEKDAYS[civil.weekday] ?? "").slice(0, 3),
  MST: ({ abbreviation, offset }) => (abbreviation === "" ? offsetText(offset, "-0700") : abbreviation),
  "002": ({ civil }) => String(civil.yearDay).padStart(3, "0"),
  "01": ({ civil }) => two(civil.month),
  "1": ({ civil }) => String(civil.month),
  "02": ({ civil }) => two(civil.day),
  "2": ({ civil }) => String(civil.day),
  _2: ({ civil }) => String(civil.day).padStart(2),
  __2: ({ civil }) => String(civil.yearDay).padStart(3),
  _2006: ({ civil }) => `_${yearText(civil.year)}`,
  "2006": ({ civil }) => yearText(civil.year),
  "06": ({ civil }) => two(Math.max(civil.year % 100, 0)),
  "15": ({ civil }) => two(civil.hour),
  "03": ({ civil }) => two(civil.hour % 12 === 0 ? 12 : civil.hour % 12),
  "3": ({ civil }) => String(civil.hour % 12 === 0 ? 12 : civil.hour % 12),
  "04": ({ civil }) => two(civil.minute),
  "4": ({ civil }) => String(civil.minute),
  "05": ({ civil }) => two(civil.second),
  "5": ({ civil }) => String(civil.second),
  PM: ({ civil }) => (civil.hour >= 12 ? "PM" : "AM"),
  pm: ({ civil }) => (civil.hour >= 12 ? "pm" : "am"),
};

/** A time in Go's layout notation, whose reference time is `Mon Jan 2 15:04:05 MST 2006`. */
export function formatLayout(time: LayoutTime, layout: string): string {
  return layout.replace(LAYOUT_TOKEN, (token) => {
    if (/^[.,]/.test(token)) return fractionText(time.nanosecond, token);
    if (/^[-Z]/.test(token)) return offsetText(time.offset, token);
    return WRITERS[token]?.(time) ?? token;
  });
}
