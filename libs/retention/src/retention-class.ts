import type { Matcher } from "@monotreme/model";

/** How long each resolution is kept, in ms: 0 = not at all, Infinity = for ever. */
export interface RetentionTimes {
  readonly rawMs: number;
  readonly fiveMinutesMs: number;
  readonly oneHourMs: number;
}

/** Series that are kept for as long as each other. */
export interface RetentionClass {
  readonly name: string;
  /** Only series of these tenants; undefined = of any. */
  readonly tenants: ReadonlySet<string> | undefined;
  /** Series that satisfy any of these sets of matchers; undefined = all. */
  readonly matcherSets: readonly (readonly Matcher[])[] | undefined;
  readonly times: RetentionTimes;
}

/** The class of series that no other class claims. */
export const DEFAULT_CLASS = "default";

const DAY_MS = 86_400_000;

/** What holds where neither a file nor a flag says otherwise: 90 days of samples, 2 years of 5 minutes, hours for ever. */
export const DEFAULT_RETENTION: RetentionTimes = {
  rawMs: 90 * DAY_MS,
  fiveMinutesMs: 730 * DAY_MS,
  oneHourMs: Infinity,
};
