/** When a check expects its next ping. */
export type CheckSchedule =
  | { readonly kind: "simple"; readonly periodMs: number }
  | { readonly kind: "cron" | "oncalendar"; readonly expression: string; readonly timeZone: string };

/** Which pings of a check count, and as what, by words in their text. */
export interface PingFilters {
  readonly startKeywords: readonly string[];
  readonly successKeywords: readonly string[];
  readonly failureKeywords: readonly string[];
  /** Look for the words in the subject of mails, their text, the bodies of HTTP requests. */
  readonly subject: boolean;
  readonly body: boolean;
  readonly httpBody: boolean;
  /** What has none of the words is a failure; otherwise it is ignored. */
  readonly defaultFail: boolean;
}

/** What a person says of a check. Times in milliseconds. */
export interface CheckDefinition {
  /** A UUID, lower case. */
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly slug: string;
  readonly tags: readonly string[];
  readonly description: string;
  readonly schedule: CheckSchedule;
  readonly graceMs: number;
  /** A ping does not end a pause. */
  readonly manualResume: boolean;
  /** Only POST counts. */
  readonly postOnly: boolean;
  readonly filters: PingFilters;
  /** Names of channels. */
  readonly channels: readonly string[];
}

export type StoredStatus = "new" | "up" | "down" | "paused";

/** What became of a check so far. Times are epoch ms. */
export interface CheckState {
  readonly status: StoredStatus;
  readonly pingCount: number;
  readonly lastPingMs: number | undefined;
  /** When the run began that is going on. */
  readonly lastStartMs: number | undefined;
  readonly lastStartRunId: string | undefined;
  /** How long the last run took, where its start is known. */
  readonly lastDurationMs: number | undefined;
}

/** A change of status that counts in the history of a check. */
export interface Flip {
  readonly atMs: number;
  readonly from: StoredStatus;
  readonly to: StoredStatus;
  readonly reason: "" | "fail" | "timeout";
  /** Somebody is to be told. */
  readonly isNotified: boolean;
}

export const NEW_CHECK: CheckState = {
  status: "new",
  pingCount: 0,
  lastPingMs: undefined,
  lastStartMs: undefined,
  lastStartRunId: undefined,
  lastDurationMs: undefined,
};
