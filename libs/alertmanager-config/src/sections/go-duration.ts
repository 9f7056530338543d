const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const DURATION = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/** No honest duration is longer; it keeps the pattern's reading short. */
const MAX_LENGTH = 100;

/** The longest duration that Go holds, some 292 years. */
export const MAX_DURATION_MS = 2 ** 63 / 1e6;

/**
 * Milliseconds of a Go duration such as `1m30s`, `1.5h` or `0` (no days, no weeks, no number without a unit), or
 * undefined where the text is none.
 */
export function parseGoDurationMs(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  if (text.length > MAX_LENGTH || !DURATION.test(text)) return undefined;
  let totalMs = 0;
  for (const [, number, unit = ""] of text.matchAll(PART)) totalMs += Number(number) * (UNITS_MS[unit] ?? 0);
  if (totalMs > MAX_DURATION_MS) return undefined;
  return text.startsWith("-") ? -totalMs : totalMs;
}

/** A duration as Go prints it: `1m30s`, `1h0m0s`, `1.5s`, `500ms`, `0s`. */
export function formatGoDuration(durationMs: number): string {
  if (durationMs === 0) return "0s";
  const sign = durationMs < 0 ? "-" : "";
  const ns = Math.round(Math.abs(durationMs) * 1e6);
  if (ns < 1000) return `${sign}${ns}ns`;
  if (ns < 1e6) return `${sign}${decimal(ns, 1e3)}µs`;
  if (ns < 1e9) return `${sign}${decimal(ns, 1e6)}ms`;
  const hours = Math.floor(ns / 3.6e12);
  const minutes = Math.floor((ns % 3.6e12) / 6e10);
  const seconds = `${decimal(ns % 6e10, 1e9)}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return `${sign}${minutes > 0 ? `${minutes}m` : ""}${seconds}`;
}

/** A whole number of small units in large ones, without the noise of binary fractions. */
function decimal(small: number, perLarge: number): string {
  const whole = Math.floor(small / perLarge);
  const digits = String(Math.round(small % perLarge)).padStart(String(perLarge).length - 1, "0");
  const fraction = digits.replace(/0+$/, "");
  return fraction === "" ? String(whole) : `${whole}.${fraction}`;
}
