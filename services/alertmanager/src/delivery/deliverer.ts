import type { Clock } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import {
  type ConfiguredIntegration,
  createNotification,
  DeliveryError,
  type DeliveryFailureReason,
  type DeliveryResult,
} from "@monotreme/receivers";
import type { Logger } from "@monotreme/telemetry";
import type { HistoryEvents } from "../history/history-events.ts";
import type { NotificationMetrics } from "../metrics.ts";
import type { LogState, NotificationLog, VersionedLogEntry } from "../notify/notification-log.ts";
import { backOffMs } from "./back-off.ts";
import type { DeliveryJob } from "./delivery-job.ts";
import { type Claim, SendingMarks } from "./sending-marks.ts";

/** Finds an integration of the configuration in force; undefined where there is none of that place any more. */
export type IntegrationLookup = (receiver: string, name: string, index: number) => ConfiguredIntegration | undefined;

export interface DelivererOptions {
  readonly log: NotificationLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: NotificationMetrics;
  readonly integrations: IntegrationLookup;
  readonly history: HistoryEvents;
  readonly externalUrl: string;
  /** Id of this process, and whether a process of some id lives. */
  readonly holder: string;
  readonly isHolderAlive: (holder: string) => boolean;
  /** In [0, 1). */
  readonly random: () => number;
  /** Called for each job that was given up here. */
  readonly onGivenUp: (job: DeliveryJob) => void;
}

export type DeliveryOutcome =
  | { readonly kind: "sent" }
  /** The log says that nothing is left to tell. */
  | { readonly kind: "superseded" }
  /** Somebody else is sending to the same integration about the same group. */
  | { readonly kind: "busy" }
  | { readonly kind: "retry"; readonly delayMs: number; readonly message: string }
  | { readonly kind: "failed"; readonly reason: DeliveryFailureReason; readonly message: string };

/**
 * Sends one job once. The log is asked before, under a mark that keeps all others from sending about the same group to
 * the same integration, and written after: two replicas, a repeated job, or one that was queued twice send once. Only a
 * process that dies between the service's answer and the log's write lets a message be sent again.
 */
export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #marks: SendingMarks;

  constructor(options: DelivererOptions) {
    this.#options = options;
    this.#marks = new SendingMarks(options);
  }

  /** Never rejects. `attempt` counts from 1. */
  async deliver(job: DeliveryJob, attempt: number, signal: AbortSignal): Promise<DeliveryOutcome> {
    if (this.#options.clock.now() >= job.deadlineMs) return this.#tooLate(job, attempt);
    let claim: Claim;
    try {
      claim = await this.#marks.claim(job);
    } catch (error) {
      // The log is away: without it nobody knows whether this was sent.
      return this.#afterFailure(job, attempt, error);
    }
    if (claim.kind !== "claimed") return { kind: claim.kind };
    try {
      return await this.#sendClaimed(job, attempt, claim.entry, signal);
    } finally {
      claim.release();
    }
  }

  /** Nobody could try in time; the next flush has made a newer job where one is needed still. */
  #tooLate(job: DeliveryJob, attempt: number): DeliveryOutcome {
    const state = this.#options.log.get(job.logId)?.state;
    if (state !== undefined && state.flushMs >= job.flushMs) return { kind: "superseded" };
    const options = { isRetryable: false, reason: "contextDeadlineExceeded" } as const;
    return this.#afterFailure(job, attempt, new DeliveryError("the group's next flush came first", options));
  }

  async #sendClaimed(
    job: DeliveryJob,
    attempt: number,
    entry: VersionedLogEntry,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome> {
    let result: DeliveryResult;
    try {
      result = await this.#send(job, attempt, entry.state, signal);
    } catch (error) {
      await this.#marks.clear(job, entry);
      return this.#afterFailure(job, attempt, error);
    }
    await this.#marks.complete(job, entry, stateAfter(job, entry.state, result, this.#options.clock.now()));
    if (job.alerts.length > 0) this.#record(job, attempt, "");
    return { kind: "sent" };
  }

  async #send(
    job: DeliveryJob,
    attempt: number,
    state: LogState | undefined,
    signal: AbortSignal,
  ): Promise<DeliveryResult> {
    if (job.alerts.length === 0) return {};
    const { receiver, integration: name, integrationIndex, groupKey } = job.key;
    const configured = this.#options.integrations(receiver, name, integrationIndex);
    if (configured === undefined) {
      // Another replica may have read the configuration again already, or not yet.
      throw new DeliveryError("the receiver is not configured here", { isRetryable: true, reason: "other" });
    }
    const { metrics, clock, externalUrl } = this.#options;
    if (attempt === 1) metrics.sent.inc({ integration: name });
    metrics.requests.inc({ integration: name });
    const notification = createNotification({
      receiver,
      groupKey,
      groupLabels: job.groupLabels,
      routeLabels: job.routeLabels,
      reason: job.reason,
      alerts: job.alerts,
      flushMs: job.flushMs,
      receiverData: state?.receiverData ?? {},
      externalUrl,
    });
    const startMs = clock.now();
    try {
      return await configured.integration.send(notification, signal);
    } catch (error) {
      metrics.requestsFailed.inc({ integration: name });
      throw error;
    } finally {
      metrics.latencySeconds.observe({ integration: name }, (clock.now() - startMs) / 1000);
    }
  }

  #afterFailure(job: DeliveryJob, attempt: number, error: unknown): DeliveryOutcome {
    const { clock, logger, metrics, random } = this.#options;
    const fault = error instanceof DeliveryError ? error : undefined;
    const message = messageOf(error);
    const reason = fault?.reason ?? "other";
    const delayMs = backOffMs(attempt, fault?.retryAfterMs, random);
    const fields = {
      receiver: job.key.receiver,
      integration: job.key.integration,
      group: job.key.groupKey,
      attempt,
      reason: message,
    };
    if ((fault?.isRetryable ?? true) && clock.now() + delayMs < job.deadlineMs) {
      logger.debug({ ...fields, delayMs }, "notification not taken, tried again");
      return { kind: "retry", delayMs, message };
    }
    logger.warn(fields, "notification given up");
    metrics.failed.inc({ integration: job.key.integration, reason });
    this.#record(job, attempt, message);
    this.#options.onGivenUp(job);
    return { kind: "failed", reason, message };
  }

  #record(job: DeliveryJob, attempts: number, error: string): void {
    const { clock, history } = this.#options;
    history.notified({
      atMs: clock.now(),
      outcome: error === "" ? "sent" : "failed",
      ...job.key,
      notificationReason: job.reason,
      flushMs: job.flushMs,
      attempts,
      firing: job.firing,
      resolved: job.resolved,
      groupLabels: job.groupLabels,
      error,
    });
  }
}

/** What the integration has been told once a job was sent. */
function stateAfter(job: DeliveryJob, before: LogState | undefined, result: DeliveryResult, nowMs: number): LogState {
  const wasOpen = before?.open ?? new Set<string>();
  return {
    sentAtMs: nowMs,
    flushMs: job.flushMs,
    firing: new Set(job.firing),
    resolved: new Set(job.resolved),
    open: new Set([...job.firing, ...job.heldBackOpen.filter((one) => wasOpen.has(one))]),
    receiverData: result.receiverData ?? before?.receiverData ?? {},
  };
}
