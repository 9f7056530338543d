/** An instant as calendars and clocks of one place show it. */
export interface ZonedFields {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly minuteOfDay: number;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Reads an instant in an IANA time zone, in `Local` (the zone of the process), or in UTC. */
export function zonedFields(date: Date, location: string | undefined): ZonedFields {
  if (isUtc(location)) return utcFields(date);
  const parts = new Map<string, number>();
  for (const { type, value } of formatterOf(location).formatToParts(date)) parts.set(type, Number(value));
  const part = (type: string): number => parts.get(type) ?? 0;
  const [year, month, day] = [part("year"), part("month"), part("day")];
  return {
    year,
    month,
    day,
    weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(),
    minuteOfDay: part("hour") * 60 + part("minute"),
  };
}

/** Whether a time interval's `location` names a place we know. */
export function isLocation(location: string): boolean {
  if (isUtc(location) || location === "Local") return true;
  // Offsets such as +02:00 are no names of places, even where the platform reads them.
  if (!/^[A-Za-z]/.test(location)) return false;
  try {
    formatterOf(location);
    return true;
  } catch {
    return false;
  }
}

function isUtc(location: string | undefined): location is "" | "UTC" | undefined {
  return location === undefined || location === "" || location === "UTC";
}

/** Kept, because making one costs a hundred times what using it does; there are only so many time zones. */
function formatterOf(location: string): Intl.DateTimeFormat {
  const known = formatters.get(location);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat("en-US", {
    ...(location === "Local" ? {} : { timeZone: location }),
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  formatters.set(location, formatter);
  return formatter;
}

function utcFields(date: Date): ZonedFields {
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    minuteOfDay: date.getUTCHours() * 60 + date.getUTCMinutes(),
  };
}
