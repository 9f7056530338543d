import { goFunction } from "../value/go-function.ts";
import { type GoMethods, GoObject } from "../value/go-object.ts";
import { GoInteger } from "../value/go-scalars.ts";
import type { GoValue } from "../value/go-value.ts";
import { instanceParameter } from "../value/parameter-types.ts";

const SECOND = 1_000_000_000n;
const UNITS = [
  { size: 1_000_000n, digits: 6, name: "ms" },
  { size: 1000n, digits: 3, name: "µs" },
  { size: 1n, digits: 0, name: "ns" },
] as const;

function fraction(value: bigint, size: bigint, digits: number): string {
  const rest = (value % size).toString().padStart(digits, "0").replace(/0+$/, "");
  return `${value / size}${digits === 0 || rest === "" ? "" : `.${rest}`}`;
}

/** A duration as Go's `Duration.String` writes it: `1h15m30.918s`, `1.5ms`, `0s`. */
export function formatGoDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return "0s";
  const sign = nanoseconds < 0n ? "-" : "";
  const value = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (value < SECOND) {
    const unit = UNITS.find(({ size }) => value >= size) ?? UNITS[2];
    return sign + fraction(value, unit.size, unit.digits) + unit.name;
  }
  const minutes = value / (60n * SECOND);
  const seconds = `${fraction(value % (60n * SECOND), SECOND, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return `${sign}${hours === 0n ? "" : `${hours}h`}${minutes % 60n}m${seconds}`;
}

function roundTo(value: bigint, step: bigint): bigint {
  if (step <= 0n) return value;
  const magnitude = value < 0n ? -value : value;
  const rest = magnitude % step;
  const rounded = rest + rest < step ? magnitude - rest : magnitude + step - rest;
  return value < 0n ? -rounded : rounded;
}

/** A Go `time.Duration`: nanoseconds in an int64. */
export class GoDuration extends GoObject {
  readonly typeName = "time.Duration";
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    super();
    this.nanoseconds = BigInt.asIntN(64, nanoseconds);
  }

  get integer(): bigint {
    return this.nanoseconds;
  }

  get methods(): GoMethods {
    const ns = this.nanoseconds;
    return {
      String: goFunction([], () => this.toText()),
      Seconds: goFunction([], () => Number(ns / SECOND) + Number(ns % SECOND) / 1e9),
      Minutes: goFunction([], () => Number(ns / (60n * SECOND)) + Number(ns % (60n * SECOND)) / 60e9),
      Hours: goFunction([], () => Number(ns / (3600n * SECOND)) + Number(ns % (3600n * SECOND)) / 3600e9),
      Milliseconds: goFunction([], () => new GoInteger("int64", ns / 1_000_000n)),
      Microseconds: goFunction([], () => new GoInteger("int64", ns / 1000n)),
      Nanoseconds: goFunction([], () => new GoInteger("int64", ns)),
      Abs: goFunction([], () => new GoDuration(ns < 0n ? -ns : ns)),
      Round: goFunction([DURATION], (step) => new GoDuration(roundTo(ns, step.nanoseconds))),
      Truncate: goFunction([DURATION], (step) => {
        const size = step.nanoseconds;
        return new GoDuration(size <= 0n ? ns : ns - (ns % size));
      }),
    };
  }

  toText(): string {
    return formatGoDuration(this.nanoseconds);
  }

  equals(other: GoObject): boolean {
    return other instanceof GoDuration && other.nanoseconds === this.nanoseconds;
  }
}

function isDuration(value: GoValue): value is GoDuration {
  return value instanceof GoDuration;
}

/** A Go `time.Duration` as a parameter. */
export const DURATION = instanceParameter("time.Duration", isDuration, () => new GoDuration(0n));
