/** A time zone: its offset from UTC in seconds, and its abbreviation, at an instant. */
export interface Zone {
  readonly name: string;
  at(unixSeconds: number): { readonly offset: number; readonly abbreviation: string };
}

/** UTC. */
export const UTC: Zone = { name: "UTC", at: () => ({ offset: 0, abbreviation: "UTC" }) };

/** A zone of one offset in seconds. */
export function fixedZone(offset: number, abbreviation: string): Zone {
  return { name: abbreviation, at: () => ({ offset, abbreviation }) };
}

/*
 * Abbreviations that the time zone database has and the locales of Intl lack; the second is for summer time. Zones
 * that are in neither have numbers for abbreviations there, such as "-03".
 */
const ABBREVIATIONS: Readonly<Record<string, readonly [string, string?]>> = {
  "America/St_Johns": ["NST", "NDT"],
  "Africa/Cairo": ["EET", "EEST"],
  "Africa/Johannesburg": ["SAST"],
  "Africa/Lagos": ["WAT"],
  "Africa/Nairobi": ["EAT"],
  "Asia/Hong_Kong": ["HKT"],
  "Asia/Jakarta": ["WIB"],
  "Asia/Jerusalem": ["IST", "IDT"],
  "Asia/Karachi": ["PKT"],
  "Asia/Kolkata": ["IST"],
  "Asia/Calcutta": ["IST"],
  "Asia/Manila": ["PST"],
  "Asia/Seoul": ["KST"],
  "Asia/Shanghai": ["CST"],
  "Asia/Taipei": ["CST"],
  "Asia/Tokyo": ["JST"],
  "Australia/Adelaide": ["ACST", "ACDT"],
  "Australia/Brisbane": ["AEST"],
  "Australia/Darwin": ["ACST"],
  "Australia/Hobart": ["AEST", "AEDT"],
  "Australia/Melbourne": ["AEST", "AEDT"],
  "Australia/Perth": ["AWST"],
  "Australia/Sydney": ["AEST", "AEDT"],
  "Europe/Dublin": ["GMT", "IST"],
  "Europe/Moscow": ["MSK"],
  "Pacific/Auckland": ["NZST", "NZDT"],
};

/** The names of Intl that the time zone database has as well. */
const KNOWN_NAMES: ReadonlySet<string> = new Set(
  "UTC GMT BST WET WEST CET CEST EET EEST EST EDT CST CDT MST MDT PST PDT AST ADT AKST AKDT HST HDT".split(" "),
);

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(locale: string, timeZone: string, timeZoneName: "short" | "longOffset"): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone} ${timeZoneName}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName });
    formats.set(key, format);
  }
  return format;
}

function zoneName(format: Intl.DateTimeFormat, unixSeconds: number): string {
  // Intl knows instants within 8.64e15 ms of 1970 only.
  const ms = Math.min(Math.max(unixSeconds * 1000, -8.64e15), 8.64e15);
  return format.formatToParts(ms).find((part) => part.type === "timeZoneName")?.value ?? "";
}

function offsetAt(timeZone: string, unixSeconds: number): number {
  const text = zoneName(formatFor("en-US", timeZone, "longOffset"), unixSeconds);
  const match = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  if (match?.[1] === undefined) return 0;
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
  return match[1] === "-" ? -seconds : seconds;
}

function numericAbbreviation(offset: number): string {
  const minutes = Math.abs(Math.trunc(offset / 60));
  const hours = String(Math.floor(minutes / 60)).padStart(2, "0");
  const rest = minutes % 60 === 0 ? "" : String(minutes % 60).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${hours}${rest}`;
}

function abbreviationAt(timeZone: string, unixSeconds: number, offset: number): string {
  const known = ABBREVIATIONS[timeZone];
  if (known !== undefined) {
    const year = 31_557_600;
    const start = Math.floor(unixSeconds / year) * year;
    const standard = Math.min(offsetAt(timeZone, start), offsetAt(timeZone, start + year / 2));
    return (offset > standard ? known[1] : undefined) ?? known[0];
  }
  for (const locale of ["en-GB", "en-US"]) {
    const name = zoneName(formatFor(locale, timeZone, "short"), unixSeconds);
    if (KNOWN_NAMES.has(name)) return name;
  }
  return numericAbbreviation(offset);
}

/** A zone of the time zone database by its name, `UTC`, or `Local`; undefined where there is none of that name. */
export function loadZone(name: string): Zone | undefined {
  if (name === "" || name === "UTC") return UTC;
  const timeZone = name === "Local" ? Intl.DateTimeFormat().resolvedOptions().timeZone : name;
  // Intl takes offsets such as "+01:00" for zones; Go does not.
  if (!/^[A-Za-z]/.test(timeZone)) return undefined;
  try {
    formatFor("en-US", timeZone, "longOffset");
  } catch {
    return undefined;
  }
  return {
    name,
    at: (unixSeconds) => {
      const offset = offsetAt(timeZone, unixSeconds);
      return { offset, abbreviation: abbreviationAt(timeZone, unixSeconds, offset) };
    },
  };
}
