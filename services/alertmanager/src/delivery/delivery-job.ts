import { createHash } from "node:crypto";
import type { NotificationAlert } from "@monotreme/receivers";
import type { NotificationReason } from "../notify/decide.ts";
import type { LogKey } from "../notify/notification-log.ts";

/** One message that is due: of one group, to one integration, at one flush. Plain data that survives JSON. */
export interface DeliveryJob {
  /** Equal for the same group, integration and flush, whoever makes it. */
  readonly id: string;
  readonly logId: string;
  readonly key: LogKey;
  readonly flushMs: number;
  /** From then on the group's next flush takes over. */
  readonly deadlineMs: number;
  readonly reason: NotificationReason;
  readonly sendResolved: boolean;
  readonly repeatIntervalMs: number;
  /** How long the log keeps what this message was. */
  readonly retentionMs: number;
  /** Fingerprints of all that the flush saw, as the log will have them. */
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  /** Fingerprints that were held back and that the integration believes to be firing. */
  readonly heldBackOpen: readonly string[];
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly routeLabels: Readonly<Record<string, string>>;
  /** What is sent; without any, only the log is written. */
  readonly alerts: readonly NotificationAlert[];
}

export function jobIdOf(logId: string, flushMs: number): string {
  return createHash("sha256").update(`${logId}/${flushMs}`).digest("hex").slice(0, 32);
}
