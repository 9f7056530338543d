/** Go's zero time, which stands for "not ended". */
export const ZERO_TIME = "0001-01-01T00:00:00Z";

/** An RFC 3339 time as Go writes it in JSON: no trailing zeros in the fraction, at most nanoseconds, the offset kept. */
export function goTimeText(rfc3339: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:[.,](\d+))?([Zz]|[+-]\d{2}:\d{2})$/.exec(rfc3339);
  if (match === null) return rfc3339;
  const [, date, time, digits = "", offset = "Z"] = match;
  const fraction = digits.slice(0, 9).replace(/0+$/, "");
  const zone = /^([Zz]|[+-]00:00)$/.test(offset) ? "Z" : offset;
  return `${date}T${time}${fraction === "" ? "" : `.${fraction}`}${zone}`;
}
