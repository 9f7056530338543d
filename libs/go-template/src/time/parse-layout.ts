import { TemplateFunctionError } from "../template-error.ts";
import { quoteGo } from "../fmt/quote.ts";
import { daysOfDate } from "./civil.ts";
import { LAYOUT_TOKEN, MONTHS, WEEKDAYS } from "./layout.ts";

/** What a text in a layout says; the offset is undefined where the layout has none. */
export interface ParsedTime {
  readonly unixSeconds: number;
  readonly nanosecond: number;
  readonly offset: number | undefined;
  readonly abbreviation: string | undefined;
}

interface Fields {
  year: number;
  month: number;
  day: number;
  yearDay: number | undefined;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  isAfternoon: boolean | undefined;
  offset: number | undefined;
  abbreviation: string | undefined;
}

/** Takes a piece of text into the fields: whether it could, or the name of a field that it puts out of range. */
type Reader = (fields: Fields, match: string) => boolean | string;

function nameIndex(names: readonly string[], name: string, length?: number): number {
  return names.findIndex((known) => known.slice(0, length).toLowerCase() === name.toLowerCase());
}

function inRange(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

function setMonth(fields: Fields, month: number): boolean | string {
  fields.month = month;
  return inRange(month, 1, 12) || "month";
}

function setMonthName(fields: Fields, index: number): boolean {
  fields.month = index + 1;
  return index >= 0;
}

function setHour(fields: Fields, hour: number, limit: number): boolean | string {
  fields.hour = hour;
  return inRange(hour, 0, limit) || "hour";
}

function setOffset(fields: Fields, text: string): boolean {
  if (text === "Z") fields.offset = 0;
  else {
    const [hours = 0, minutes = 0, seconds = 0] = (text.slice(1).replaceAll(":", "").match(/../g) ?? []).map(Number);
    fields.offset = (text.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
  }
  return true;
}

const DAY_READER: Reader = (fields, text) => {
  fields.day = Number(text);
  return true;
};
const MINUTE_READER: Reader = (fields, text) => {
  fields.minute = Number(text);
  return fields.minute < 60 || "minute";
};
const SECOND_READER: Reader = (fields, text) => {
  const [whole = "0", fraction = ""] = text.split(/[.,]/);
  fields.second = Number(whole);
  if (fraction !== "") fields.nanosecond = Number(fraction.slice(0, 9).padEnd(9, "0"));
  return fields.second < 60 || "second";
};
const YEAR_DAY_READER: Reader = (fields, text) => {
  fields.yearDay = Number(text);
  return inRange(fields.yearDay, 1, 366) || "day-of-year";
};

const READERS: Readonly<Record<string, readonly [RegExp, Reader]>> = {
  January: [/^[A-Za-z]+/, (fields, text) => setMonthName(fields, nameIndex(MONTHS, text))],
  Jan: [/^[A-Za-z]{3}/, (fields, text) => setMonthName(fields, nameIndex(MONTHS, text, 3))],
  Monday: [/^[A-Za-z]+/, (_, text) => nameIndex(WEEKDAYS, text) >= 0],
  Mon: [/^[A-Za-z]{3}/, (_, text) => nameIndex(WEEKDAYS, text, 3) >= 0],
  MST: [
    /^(?:[A-Z]{3,5}|[+-]\d{2})/,
    (fields, text) => {
      fields.abbreviation = text;
      return true;
    },
  ],
  "002": [/^\d{3}/, YEAR_DAY_READER],
  __2: [/^[ \d]{2}\d/, YEAR_DAY_READER],
  "01": [/^\d{2}/, (fields, text) => setMonth(fields, Number(text))],
  "1": [/^\d{1,2}/, (fields, text) => setMonth(fields, Number(text))],
  "02": [/^\d{2}/, DAY_READER],
  "2": [/^\d{1,2}/, DAY_READER],
  _2: [/^ ?\d{1,2}/, DAY_READER],
  "2006": [
    /^\d{4}/,
    (fields, text) => {
      fields.year = Number(text);
      return true;
    },
  ],
  "06": [
    /^\d{2}/,
    (fields, text) => {
      fields.year = Number(text) + (Number(text) >= 69 ? 1900 : 2000);
      return true;
    },
  ],
  "15": [/^\d{1,2}/, (fields, text) => setHour(fields, Number(text), 23)],
  "03": [/^\d{2}/, (fields, text) => setHour(fields, Number(text), 12)],
  "3": [/^\d{1,2}/, (fields, text) => setHour(fields, Number(text), 12)],
  "04": [/^\d{2}/, MINUTE_READER],
  "4": [/^\d{1,2}/, MINUTE_READER],
  "05": [/^\d{2}(?:[.,]\d+)?/, SECOND_READER],
  "5": [/^\d{1,2}(?:[.,]\d+)?/, SECOND_READER],
  PM: [
    /^[AP]M/,
    (fields, text) => {
      fields.isAfternoon = text === "PM";
      return true;
    },
  ],
  pm: [
    /^[ap]m/,
    (fields, text) => {
      fields.isAfternoon = text === "pm";
      return true;
    },
  ],
};

function readerOf(token: string): readonly [RegExp, Reader] | undefined {
  if (/^[.,]/.test(token)) {
    return [
      /^(?:[.,]\d+)?/,
      (fields, text) => {
        if (text !== "") fields.nanosecond = Number(text.slice(1, 10).padEnd(9, "0"));
        return true;
      },
    ];
  }
  if (!/^[-Z]/.test(token)) return READERS[token];
  const groups = token.includes(":") ? token.split(":").length : token.replace(/\D/g, "").length / 2;
  const colon = token.includes(":") ? ":" : "";
  const digits = `\\d{2}${`${colon}\\d{2}`.repeat(groups - 1)}`;
  return [new RegExp(`^(?:[+-]${digits}${token.startsWith("Z") ? "|Z" : ""})`), setOffset];
}

/** Reads a text in Go's layout notation; throws TemplateFunctionError with Go's message where it does not fit. */
export function parseLayout(layout: string, text: string): ParsedTime {
  const fail = (value: string, element: string, note = ""): never => {
    const what = note === "" ? `: cannot parse ${quoteGo(value)} as ${quoteGo(element)}` : note;
    throw new TemplateFunctionError(
      `parsing time ${quoteGo(text)}${note === "" ? ` as ${quoteGo(layout)}` : ""}${what}`,
    );
  };
  const fields: Fields = {
    year: 0,
    month: 1,
    day: 1,
    yearDay: undefined,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    isAfternoon: undefined,
    offset: undefined,
    abbreviation: undefined,
  };
  let rest = text;
  let last = 0;
  const skip = (literal: string): void => {
    if (!rest.startsWith(literal)) fail(rest, literal);
    rest = rest.slice(literal.length);
  };
  for (const match of layout.matchAll(LAYOUT_TOKEN)) {
    skip(layout.slice(last, match.index));
    last = match.index + match[0].length;
    const reader = readerOf(match[0]);
    const found = reader?.[0].exec(rest)?.[0];
    const isTaken = reader !== undefined && found !== undefined && reader[1](fields, found);
    if (isTaken === false || found === undefined) return fail(rest, match[0]);
    if (typeof isTaken === "string") return fail("", "", `: ${isTaken} out of range`);
    // A layout's own fraction must find what the seconds before it would take as well.
    const isBeforeFraction = /^0?5$/.test(match[0]) && /^[.,][09]/.test(layout.slice(last));
    rest = rest.slice(isBeforeFraction ? (found.split(/[.,]/)[0] ?? "").length : found.length);
  }
  skip(layout.slice(last));
  if (rest !== "") fail(rest, "", `: extra text: ${quoteGo(rest)}`);
  return timeOf(fields, () => fail("", "", ": day out of range"));
}

function timeOf(fields: Fields, fail: () => never): ParsedTime {
  const { year, month, second, minute, nanosecond, offset, abbreviation } = fields;
  let { hour } = fields;
  if (fields.isAfternoon === true && hour < 12) hour += 12;
  if (fields.isAfternoon === false && hour === 12) hour = 0;
  const days =
    fields.yearDay === undefined ? daysOfDate(year, month, fields.day) : daysOfDate(year, 1, 1) + fields.yearDay - 1;
  const isDay = fields.day >= 1 && days < daysOfDate(year, month + 1, 1);
  if (fields.yearDay === undefined && !isDay) fail();
  const unixSeconds = days * 86_400 + hour * 3600 + minute * 60 + second;
  return { unixSeconds, nanosecond, offset, abbreviation };
}
