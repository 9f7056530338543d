import { formatGoFloat } from "../fmt/float.ts";
import { quoteGo } from "../fmt/quote.ts";
import { parseFloatGo } from "@monotreme/model";
import { TemplateFunctionError } from "../template-error.ts";
import { GoDuration } from "../time/go-duration.ts";
import { GoTime } from "../time/go-time.ts";
import type { GoValue } from "../value/go-value.ts";
import { integerOf, typeNameOf } from "../value/kind.ts";

const LARGE = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
const SMALL = ["m", "u", "n", "p", "f", "a", "z", "y"];
const BINARY = ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

/** A number from what templates pass to the functions that humanize: floats, integers, durations, and text of floats. */
export function numberOf(value: GoValue): number {
  if (typeof value === "number") return value;
  if (value instanceof GoDuration) return Number(value.nanoseconds) / 1e9;
  if (typeof value === "string") {
    const parsed = parseFloatGo(value);
    if (parsed !== undefined) return parsed;
    throw new TemplateFunctionError(`strconv.ParseFloat: parsing ${quoteGo(value)}: invalid syntax`);
  }
  const integer = integerOf(value);
  if (integer !== undefined) return Number(integer);
  const shown = value === null || value === undefined ? "<nil>" : typeNameOf(value);
  throw new TemplateFunctionError(`can't convert ${shown} to float`);
}

function fourDigits(value: number): string {
  return formatGoFloat(value, "g", 4);
}

function scaleUp(value: number, prefixes: readonly string[], factor: number): string {
  let [scaled, prefix] = [value, ""];
  for (const next of prefixes) {
    if (Math.abs(scaled) < factor) break;
    scaled /= factor;
    prefix = next;
  }
  return fourDigits(scaled) + prefix;
}

function scaleDown(value: number): string {
  let [scaled, prefix] = [value, ""];
  for (const next of SMALL) {
    if (Math.abs(scaled) >= 1) break;
    scaled *= 1000;
    prefix = next;
  }
  return fourDigits(scaled) + prefix;
}

/** A number with four significant digits and a metric prefix: `1.235k`, `12m`. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return fourDigits(value);
  return Math.abs(value) >= 1 ? scaleUp(value, LARGE, 1000) : scaleDown(value);
}

/** A number with four significant digits and a binary prefix: `1.5Ki` is written `1.5ki`. */
export function humanize1024(value: number): string {
  return Math.abs(value) <= 1 || !Number.isFinite(value) ? fourDigits(value) : scaleUp(value, BINARY, 1024);
}

/** Seconds as a duration: `1d 2h 3m 4s`, `1.5s`, `12ms`. */
export function humanizeDuration(value: number): string {
  if (!Number.isFinite(value)) return fourDigits(value);
  if (value === 0) return "0s";
  if (Math.abs(value) < 1) return `${scaleDown(value)}s`;
  const sign = value < 0 ? "-" : "";
  const magnitude = Math.abs(value);
  const total = Math.trunc(magnitude);
  const [seconds, minutes, hours] = [total % 60, Math.floor(total / 60) % 60, Math.floor(total / 3600) % 24];
  const days = Math.floor(total / 86_400);
  if (days !== 0) return `${sign}${days}d ${hours}h ${minutes}m ${seconds}s`;
  if (hours !== 0) return `${sign}${hours}h ${minutes}m ${seconds}s`;
  if (minutes !== 0) return `${sign}${minutes}m ${seconds}s`;
  return `${sign}${fourDigits(magnitude)}s`;
}

/** A ratio as a percentage with four significant digits. */
export function humanizePercentage(value: number): string {
  return `${fourDigits(value * 100)}%`;
}

/** The time of a number of seconds since 1970, to the millisecond, in UTC. */
export function timeOfSeconds(value: number): GoTime {
  if (!Number.isFinite(value)) throw new TemplateFunctionError("value is NaN or Inf");
  const nanoseconds = value * 1e9;
  if (Math.abs(nanoseconds) > 2 ** 63) {
    throw new TemplateFunctionError(
      `${formatGoFloat(value, "g", -1)} cannot be represented as a nanoseconds timestamp since it overflows int64`,
    );
  }
  return new GoTime((BigInt(Math.trunc(nanoseconds)) / 1_000_000n) * 1_000_000n);
}

/** The duration of a number of seconds. */
export function durationOfSeconds(value: number): GoDuration {
  if (!Number.isFinite(value)) throw new TemplateFunctionError("value is NaN or Inf");
  const nanoseconds = value * 1e9;
  if (Math.abs(nanoseconds) > 2 ** 63) {
    throw new TemplateFunctionError(
      `${formatGoFloat(value, "g", -1)} cannot be represented as a duration since it overflows int64`,
    );
  }
  return new GoDuration(BigInt(Math.trunc(nanoseconds)));
}

/** Seconds since 1970 as a date in Go's form; numbers that are no time stay numbers. */
export function humanizeTimestamp(value: number): string {
  return Number.isFinite(value) ? timeOfSeconds(value).toText() : fourDigits(value);
}
