const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|z|[+-]\d{2}(?::?\d{2})?)?$/;

/** Go's zero time, which stands for "not given". */
export const ZERO_TIME_MS = Date.parse("0001-01-01T00:00:00Z");

const OFFSET_LIMIT_MINUTES = 24 * 60;

/**
 * RFC 3339 and its relatives as upstream's OpenAPI layer takes them (without a zone: UTC), to epoch milliseconds;
 * undefined for anything else. Digits below a millisecond are cut off.
 */
export function parseDateTime(text: string): number | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (day < 1 || date.getUTCDate() !== day) return undefined;
  const offsetMinutes = offsetOf(match[8]);
  if (offsetMinutes === undefined) return undefined;
  const ms = Number((match[7] ?? "").padEnd(3, "0").slice(0, 3));
  return date.getTime() + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + ms;
}

/** With milliseconds and `Z`, as the API gives times. */
export function formatDateTime(timestampMs: number): string {
  return new Date(timestampMs).toISOString();
}

function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === "Z" || zone === "z") return 0;
  const digits = zone.slice(1).replace(":", "");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || "0");
  if (minutes >= OFFSET_LIMIT_MINUTES) return undefined;
  return zone.startsWith("-") ? -minutes : minutes;
}
