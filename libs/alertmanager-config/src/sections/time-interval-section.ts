import { type ConfigNode, list, mapping, required, type Schema } from "@monotreme/prometheus-config";
import { optionalShown, optionalText } from "./field-kinds.ts";
import type { InclusiveRange, MinuteRange, TimeInterval, TimeIntervalSpec } from "../time-intervals/time-interval.ts";
import { isLocation } from "../time-intervals/zoned-fields.ts";
import { structure } from "./structure.ts";

const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];

/** Reports what is wrong with a range and gives undefined, or the range. */
type RangeCheck = (range: InclusiveRange) => string | undefined;

interface RangeOptions {
  /** One end of a range, lower case. */
  readonly member: (text: string) => number | undefined;
  readonly noun: string;
  readonly check: RangeCheck;
  readonly format?: (value: number) => string;
}

function rangeSchema({ member, noun, check, format = String }: RangeOptions): Schema<InclusiveRange> {
  return {
    decode: (node) => {
      const parts = (node.text ?? "").toLowerCase().split(":");
      const values = parts.map(member);
      const bad = parts.find((_, at) => values[at] === undefined);
      const [begin, end = begin] = values;
      if (parts.length > 2) return faultAt(node, `couldn't parse range ${parts.join(":")}, invalid format`);
      if (begin === undefined || end === undefined) return faultAt(node, `${bad ?? ""} is not a valid ${noun}`);
      const fault = check({ begin, end });
      if (noun === "month" && (begin < 1 || end > 12)) node.warn(`${begin < 1 ? begin : end} is no month's number`);
      return fault === undefined ? { begin, end } : faultAt(node, fault);
    },
    render: ({ begin, end }) => (begin === end ? format(begin) : `${format(begin)}:${format(end)}`),
  };
}

function faultAt(node: ConfigNode, text: string): undefined {
  node.fault(text);
  return undefined;
}

function integerOf(text: string): number | undefined {
  return /^[+-]?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function indexIn(names: readonly string[], first: number): (text: string) => number | undefined {
  return (text) => (names.includes(text) ? names.indexOf(text) + first : undefined);
}

const weekdays = rangeSchema({
  member: indexIn(WEEKDAYS, 0),
  noun: "weekday",
  format: (value) => WEEKDAYS[value] ?? "",
  check: ({ begin, end }) => (begin > end ? "start day cannot be before end day" : undefined),
});

const months = rangeSchema({
  member: (value) => indexIn(MONTHS, 1)(value) ?? integerOf(value),
  noun: "month",
  check: ({ begin, end }) => {
    if (begin > end) return `end month ${MONTHS[end - 1] ?? end} is before start month ${MONTHS[begin - 1] ?? begin}`;
    return undefined;
  },
});

const years = rangeSchema({
  member: integerOf,
  noun: "year",
  check: ({ begin, end }) => (begin > end ? `end year ${end} is before start year ${begin}` : undefined),
});

const daysOfMonth = rangeSchema({ member: integerOf, noun: "day of the month", check: checkDays });

/** Ranges that are empty in every month are faults; in short months bounds are cut off later. */
function checkDays({ begin, end }: InclusiveRange): string | undefined {
  for (const day of [begin, end]) {
    if (day === 0 || day < -31 || day > 31) return `${day} is not a valid day of the month: out of range`;
  }
  if (begin < 0 && end > 0) return "end day must be negative if start day is negative";
  const fromStart = (day: number): number => (day < 0 ? 28 + day : day);
  return fromStart(begin) > fromStart(end) ? `end day ${end} is always before start day ${begin}` : undefined;
}

const minuteSchema: Schema<number> = {
  decode: (node) => {
    const match = /^(?:([01]\d|2[0-3]):([0-5]\d)|(24):00)$/.exec(node.text ?? "");
    if (match === null) return faultAt(node, `couldn't parse timestamp ${node.text ?? ""}, invalid format`);
    return Number(match[1] ?? match[3]) * 60 + Number(match[2] ?? 0);
  },
  render: (minute) => [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":"),
};

const times: Schema<MinuteRange> = structure({
  name: "times",
  fields: { start_time: required(minuteSchema), end_time: required(minuteSchema) },
  names: { start_time: "startMinute", end_time: "endMinute" },
  check: ({ start_time: start, end_time: end }, at) => {
    if (start >= end) at("start_time").fault("start time cannot be equal or greater than end time");
  },
});

const location: Schema<string> = {
  decode: (node) => {
    const name = node.text ?? "";
    return isLocation(name) ? name : faultAt(node, `unknown time zone ${name}`);
  },
  render: (value) => value,
};

const spec: Schema<TimeIntervalSpec> = structure({
  name: "time_intervals",
  fields: {
    times: optionalShown(list(times, "times")),
    weekdays: optionalShown(list(weekdays, "weekdays")),
    days_of_month: optionalShown(list(daysOfMonth, "days of the month")),
    months: optionalShown(list(months, "months")),
    years: optionalShown(list(years, "years")),
    location: optionalShown(location),
  },
});

const fields = { name: optionalText, time_intervals: optionalShown(list(spec, "time intervals")) };
const named = mapping({
  name: "time_interval",
  fields,
  check: ({ name }, at) => {
    if (name === "") at("name").fault("missing name in time interval");
  },
});

/** A named list of times. */
export const timeIntervalSection: Schema<TimeInterval> = {
  decode: (node) => {
    const value = named.decode(node);
    return value && { name: value.name, specs: value.time_intervals ?? [] };
  },
  render: ({ name, specs }, mode) => named.render({ name, time_intervals: specs }, mode),
};
