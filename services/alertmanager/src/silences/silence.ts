/** The states of a silence, by the clock alone. */
export const SILENCE_STATES = ["active", "pending", "expired"] as const;
export type SilenceState = (typeof SILENCE_STATES)[number];

/** One condition on a label; all conditions of a silence must hold. Regular expressions are RE2, anchored. */
export interface SilenceMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

/** What a caller asks for: without an id a new silence, with one a change of that silence. */
export interface SilenceRequest {
  readonly id?: string;
  readonly matchers: readonly SilenceMatcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly createdBy: string;
  readonly comment: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A silence as it is kept; instants are epoch milliseconds. */
export interface Silence extends SilenceRequest {
  readonly id: string;
  readonly updatedAtMs: number;
}

/**
 * The annotation of a silence that ends by itself as soon as no alert that it matches fires any more; its end time is
 * then only the latest end. `POST /api/v2/alerts/acknowledge` sets it, and so may anybody.
 */
export const UNTIL_RESOLVED_ANNOTATION = "until_resolved";

export function endsWhenResolved(silence: SilenceRequest): boolean {
  return silence.annotations[UNTIL_RESOLVED_ANNOTATION] === "true";
}

/** At its very end a silence is expired: with a clock of milliseconds one that was just ended must not count as active. */
export function silenceStateAt(silence: SilenceRequest, nowMs: number): SilenceState {
  if (nowMs >= silence.endsAtMs) return "expired";
  return nowMs < silence.startsAtMs ? "pending" : "active";
}
