import { TemplateFunctionError } from "../template-error.ts";
import { goFunction } from "../value/go-function.ts";
import { type GoMethods, GoObject } from "../value/go-object.ts";
import { GoInteger } from "../value/go-scalars.ts";
import type { GoValue } from "../value/go-value.ts";
import { INT, instanceParameter, STRING } from "../value/parameter-types.ts";
import { type CivilTime, civilOfSeconds, daysOfDate } from "./civil.ts";
import { DURATION, GoDuration } from "./go-duration.ts";
import { formatLayout, MONTHS, WEEKDAYS } from "./layout.ts";
import { fixedZone, loadZone, UTC, type Zone } from "./zone.ts";

const SECOND = 1_000_000_000n;
const ZERO_SECONDS = -62_135_596_800;

/** A number with a name, as `time.Month` and `time.Weekday`. */
class NamedNumber extends GoObject {
  readonly typeName: string;
  readonly integer: bigint;
  readonly methods: GoMethods;
  readonly #name: string;

  constructor(typeName: string, value: number, name: string) {
    super();
    this.typeName = typeName;
    this.integer = BigInt(value);
    this.#name = name;
    this.methods = { String: goFunction([], () => name) };
  }

  toText(): string {
    return this.#name;
  }

  equals(other: GoObject): boolean {
    return other.typeName === this.typeName && other.integer === this.integer;
  }
}

/** A Go `time.Location`. */
class GoLocation extends GoObject {
  readonly typeName = "*time.Location";
  readonly integer = undefined;
  readonly zone: Zone;

  constructor(zone: Zone) {
    super();
    this.zone = zone;
  }

  get methods(): GoMethods {
    return { String: goFunction([], () => this.zone.name) };
  }

  toText(): string {
    return this.zone.name;
  }

  equals(other: GoObject): boolean {
    return other instanceof GoLocation && other.zone.name === this.zone.name;
  }
}

/** A Go `time.Time`: an instant to the nanosecond, shown in a zone. */
export class GoTime extends GoObject {
  readonly typeName = "time.Time";
  readonly integer = undefined;
  /** Nanoseconds since 1970-01-01 UTC. */
  readonly unixNano: bigint;
  readonly zone: Zone;

  constructor(unixNano: bigint, zone: Zone = UTC) {
    super();
    this.unixNano = unixNano;
    this.zone = zone;
  }

  /** The instant of an epoch time in milliseconds. */
  static fromMs(timestampMs: number, zone: Zone = UTC): GoTime {
    return new GoTime(BigInt(Math.trunc(timestampMs * 1000)) * 1000n, zone);
  }

  /** Go's zero time, 0001-01-01 00:00 UTC. */
  static zero(): GoTime {
    return new GoTime(BigInt(ZERO_SECONDS) * SECOND);
  }

  get unixSeconds(): number {
    const seconds = this.unixNano / SECOND;
    return Number(this.unixNano % SECOND < 0n ? seconds - 1n : seconds);
  }

  get nanosecond(): number {
    return Number(((this.unixNano % SECOND) + SECOND) % SECOND);
  }

  get isZero(): boolean {
    return this.unixNano === BigInt(ZERO_SECONDS) * SECOND;
  }

  /** The same instant in another zone. */
  in(zone: Zone): GoTime {
    return new GoTime(this.unixNano, zone);
  }

  /** Date and time of day in the time's zone. */
  civil(): CivilTime {
    return civilOfSeconds(this.unixSeconds + this.zone.at(this.unixSeconds).offset);
  }

  /** The time in Go's layout notation. */
  format(layout: string): string {
    const { offset, abbreviation } = this.zone.at(this.unixSeconds);
    return formatLayout({ civil: this.civil(), nanosecond: this.nanosecond, offset, abbreviation }, layout);
  }

  toText(): string {
    return this.format("2006-01-02 15:04:05.999999999 -0700 MST");
  }

  equals(other: GoObject): boolean {
    return other instanceof GoTime && other.unixNano === this.unixNano && other.zone.name === this.zone.name;
  }

  /** A date and time of day in the time's zone; parts may lie outside their range. */
  #onDate(year: number, month: number, day: number): GoTime {
    const civil = this.civil();
    const local = daysOfDate(year, month, day) * 86_400 + civil.hour * 3600 + civil.minute * 60 + civil.second;
    return new GoTime(BigInt(localToUnix(local, this.zone)) * SECOND + BigInt(this.nanosecond), this.zone);
  }

  get methods(): GoMethods {
    return timeMethods(this, (year, month, day) => this.#onDate(year, month, day));
  }
}

/** The instant at which a zone's clocks show that many seconds since 1970-01-01 00:00. */
export function localToUnix(local: number, zone: Zone): number {
  const guess = local - zone.at(local).offset;
  const second = local - zone.at(guess).offset;
  return zone.at(second).offset === local - second ? second : guess;
}

function isTime(value: GoValue): value is GoTime {
  return value instanceof GoTime;
}

function isLocation(value: GoValue): value is GoLocation {
  return value instanceof GoLocation;
}

/** A Go `time.Time` as a parameter. */
export const TIME = instanceParameter("time.Time", isTime, () => GoTime.zero());

const LOCATION = instanceParameter("*time.Location", isLocation, () => new GoLocation(UTC));

function int64(value: bigint): GoInteger {
  return new GoInteger("int64", value);
}

function clockMethods(time: GoTime): GoMethods {
  const civil = () => time.civil();
  return {
    Year: goFunction([], () => BigInt(civil().year)),
    Month: goFunction([], () => new NamedNumber("time.Month", civil().month, MONTHS[civil().month - 1] ?? "")),
    Day: goFunction([], () => BigInt(civil().day)),
    YearDay: goFunction([], () => BigInt(civil().yearDay)),
    Weekday: goFunction([], () => new NamedNumber("time.Weekday", civil().weekday, WEEKDAYS[civil().weekday] ?? "")),
    Hour: goFunction([], () => BigInt(civil().hour)),
    Minute: goFunction([], () => BigInt(civil().minute)),
    Second: goFunction([], () => BigInt(civil().second)),
    Nanosecond: goFunction([], () => BigInt(time.nanosecond)),
    Unix: goFunction([], () => int64(BigInt(time.unixSeconds))),
    UnixMilli: goFunction([], () =>
      int64(BigInt(time.unixSeconds) * 1000n + BigInt(Math.floor(time.nanosecond / 1e6))),
    ),
    UnixMicro: goFunction([], () =>
      int64(BigInt(time.unixSeconds) * 1_000_000n + BigInt(Math.floor(time.nanosecond / 1e3))),
    ),
    UnixNano: goFunction([], () => int64(BigInt.asIntN(64, time.unixNano))),
  };
}

function timeMethods(time: GoTime, onDate: (year: number, month: number, day: number) => GoTime): GoMethods {
  const difference = (other: GoTime) => time.unixNano - other.unixNano;
  return {
    ...clockMethods(time),
    IsZero: goFunction([], () => time.isZero),
    String: goFunction([], () => time.toText()),
    Format: goFunction([STRING], (layout) => time.format(layout)),
    UTC: goFunction([], () => time.in(UTC)),
    Local: goFunction([], () => time.in(loadZone("Local") ?? UTC)),
    In: goFunction([LOCATION], (location) => time.in(location.zone)),
    Location: goFunction([], () => new GoLocation(time.zone)),
    Add: goFunction([DURATION], (duration) => new GoTime(time.unixNano + duration.nanoseconds, time.zone)),
    AddDate: goFunction([INT, INT, INT], (years, months, days) => {
      const { year, month, day } = time.civil();
      return onDate(year + years, month + months, day + days);
    }),
    Sub: goFunction([TIME], (other) => new GoDuration(clampInt64(difference(other)))),
    Before: goFunction([TIME], (other) => difference(other) < 0n),
    After: goFunction([TIME], (other) => difference(other) > 0n),
    Equal: goFunction([TIME], (other) => difference(other) === 0n),
    Compare: goFunction([TIME], (other) => BigInt(Math.sign(Number(difference(other))))),
    Truncate: goFunction([DURATION], (step) => truncate(time, step.nanoseconds)),
    Round: goFunction([DURATION], (step) => round(time, step.nanoseconds)),
  };
}

const MAX_INT64 = 2n ** 63n - 1n;

/** The nearest int64: differences of times stop at about 292 years. */
function clampInt64(value: bigint): bigint {
  if (value > MAX_INT64) return MAX_INT64;
  return value < -MAX_INT64 - 1n ? -MAX_INT64 - 1n : value;
}

/** How far a time lies after the last multiple of a step since the zero time. */
function restOf(time: GoTime, step: bigint): bigint {
  const sinceZero = time.unixNano - GoTime.zero().unixNano;
  return ((sinceZero % step) + step) % step;
}

function truncate(time: GoTime, step: bigint): GoTime {
  return step <= 0n ? time : new GoTime(time.unixNano - restOf(time, step), time.zone);
}

function round(time: GoTime, step: bigint): GoTime {
  if (step <= 0n) return time;
  const rest = restOf(time, step);
  return new GoTime(rest + rest < step ? time.unixNano - rest : time.unixNano + step - rest, time.zone);
}

/** A time in the zone of that name; throws TemplateFunctionError where there is none. */
export function timeInZone(time: GoTime, name: string): GoTime {
  const zone = loadZone(name);
  if (zone === undefined) throw new TemplateFunctionError(`unknown time zone ${name}`);
  return time.in(zone);
}

/** The zone of a time that was read from a text with an offset. */
export function zoneOfOffset(offset: number, abbreviation: string | undefined): Zone {
  return offset === 0 ? UTC : fixedZone(offset, abbreviation ?? "");
}
