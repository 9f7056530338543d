/** Both ends count. */
export interface InclusiveRange {
  readonly begin: number;
  readonly end: number;
}

/** Minutes of the day; the end does not count, and 1440 is midnight. */
export interface MinuteRange {
  readonly startMinute: number;
  readonly endMinute: number;
}

/** When something holds: each field that is given must be met by one of its ranges. */
export interface TimeIntervalSpec {
  readonly times: readonly MinuteRange[] | undefined;
  /** 0 is Sunday. */
  readonly weekdays: readonly InclusiveRange[] | undefined;
  /** From 1; negative ones count from the month's end, -1 being its last day. */
  readonly daysOfMonth: readonly InclusiveRange[] | undefined;
  /** 1 is January. */
  readonly months: readonly InclusiveRange[] | undefined;
  readonly years: readonly InclusiveRange[] | undefined;
  /** An IANA time zone or `Local`; undefined means UTC. */
  readonly location: string | undefined;
}

/** A named set of times; it is active when one of its specs is. */
export interface TimeInterval {
  readonly name: string;
  readonly specs: readonly TimeIntervalSpec[];
}
