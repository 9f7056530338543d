import { ScheduleError } from "./schedule.ts";

const HOUR_MS = 3_600_000;
/** More than any clock change moves the clock, and less than the time between two changes. */
const CHANGE_WINDOW_MS = 26 * HOUR_MS;
const MAX_CACHED_HOURS = 4096;

/** Where a local time lies: once, twice (the clock was put back), or nowhere (the clock was put forward over it). */
export interface LocalInstants {
  /** The moments with that local time, earliest first (epoch ms). */
  readonly instants: readonly number[];
  /** The first moment after the hole in which the local time would lie; only where `instants` is empty. */
  readonly afterGap: number | undefined;
}

/**
 * A time zone of the IANA database, as the runtime knows it. Local times are epoch milliseconds as if the local clock
 * showed UTC, so that they can be calculated with.
 */
export class TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  /** Throws `ScheduleError` for a name that is no zone; names of before 1993 (`US/Eastern`) are known too. */
  constructor(name: string) {
    this.name = name;
    try {
      this.#format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset", year: "numeric" });
    } catch {
      throw new ScheduleError(`unknown time zone ${JSON.stringify(name)}`);
    }
  }

  /** What the local clock shows. */
  localOf(instantMs: number): number {
    return instantMs + this.offsetAt(instantMs);
  }

  /** How far the local clock is ahead of UTC, in milliseconds. */
  offsetAt(instantMs: number): number {
    // Changes fall on quarters of an hour.
    const quarter = Math.floor(instantMs / (HOUR_MS / 4));
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    const offset = this.#readOffset(instantMs);
    if (this.#offsets.size >= MAX_CACHED_HOURS) this.#offsets.clear();
    this.#offsets.set(quarter, offset);
    return offset;
  }

  instantsOf(localMs: number): LocalInstants {
    const before = this.offsetAt(localMs - CHANGE_WINDOW_MS / 2);
    const after = this.offsetAt(localMs + CHANGE_WINDOW_MS / 2);
    const candidates =
      before === after ? [localMs - before] : [localMs - Math.max(before, after), localMs - Math.min(before, after)];
    const instants = candidates.filter((instantMs) => this.localOf(instantMs) === localMs);
    if (instants.length > 0) return { instants, afterGap: undefined };
    const [fromMs = 0, untilMs = 0] = candidates;
    return { instants, afterGap: this.#changeBetween(fromMs, untilMs) };
  }

  /** The next moment within about a day at which the clock changes. */
  nextChange(instantMs: number): number | undefined {
    const untilMs = instantMs + CHANGE_WINDOW_MS;
    if (this.offsetAt(instantMs) === this.offsetAt(untilMs)) return undefined;
    return this.#changeBetween(instantMs, untilMs);
  }

  /** The first moment with the offset of `untilMs`. */
  #changeBetween(fromMs: number, untilMs: number): number {
    const offset = this.offsetAt(untilMs);
    let low = Math.floor(fromMs / 1000);
    let high = Math.ceil(untilMs / 1000);
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(middle * 1000) === offset) high = middle;
      else low = middle;
    }
    return high * 1000;
  }

  #readOffset(instantMs: number): number {
    const part = this.#format.formatToParts(instantMs).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
    const match = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(part);
    const [, sign, hours, minutes, seconds = "0"] = match ?? [];
    if (sign === undefined) return 0;
    const total = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    return sign === "-" ? -total : total;
  }
}
