const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Epoch milliseconds of an RFC 3339 time; undefined for anything else and for Go's zero time, which means none. */
export function instantFrom(text: string): number | undefined {
  if (!RFC_3339.test(text) || text.startsWith("0001-01-01T00:00:00")) return undefined;
  const timestampMs = Date.parse(text);
  return Number.isNaN(timestampMs) ? undefined : timestampMs;
}
