import type { Clock } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import { type Alert, isResolvedAt } from "../alerts/alert.ts";
import type { AlertListener, AlertStore } from "../alerts/alert-store.ts";
import type { Outbox } from "../delivery/outbox.ts";
import type { DispatcherMetrics, NotificationMetrics } from "../metrics.ts";
import { logLifetimeMs } from "../notify/log-lifetime.ts";
import type { NotificationLog } from "../notify/notification-log.ts";
import { AggregationGroup } from "./aggregation-group.ts";
import type { FlushPlan, FlushPlanner } from "./flush-planner.ts";
import { firstFlushMs, resumedFlushMs } from "./flush-times.ts";
import type { GroupRouter, GroupTarget } from "./group-router.ts";

export interface DispatcherOptions {
  readonly alerts: AlertStore;
  readonly log: NotificationLog;
  readonly router: GroupRouter;
  readonly planner: FlushPlanner;
  readonly outbox: Pick<Outbox, "add" | "isBusy">;
  /** `--data.retention`. */
  readonly retentionMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: { readonly dispatcher: DispatcherMetrics; readonly notifications: NotificationMetrics };
  /** No flush before that. */
  readonly notBeforeMs: number;
  /** Groups go on in the rhythm that the log knows; otherwise their times start anew, as after a reload. */
  readonly isResuming: boolean;
}

/**
 * Sorts alerts into groups and flushes each group in its rhythm. Exactly one replica has one at a time; another that
 * takes over finds the same groups from the alerts and their rhythm in the log. Nothing is written here: what was told
 * stands in the log, and the outbox brings jobs on their way.
 */
export class Dispatcher implements AlertListener {
  readonly #options: DispatcherOptions;
  readonly #groups = new Map<string, AggregationGroup>();
  /** Groups whose open flush waits for an entry of the log. */
  readonly #waiting = new Map<string, Set<AggregationGroup>>();
  readonly #unsubscribe: (() => void)[] = [];
  #isClosed = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Forms the groups of all alerts that are known and goes on with each that comes. */
  start(): void {
    const { alerts, log, router } = this.#options;
    for (const alert of alerts.values()) {
      for (const target of router.targetsOf(alert)) this.#groupOf(target).alerts.set(alert.fingerprint, alert);
    }
    for (const group of this.#groups.values()) this.#begin(group);
    this.#unsubscribe.push(
      alerts.subscribe(this),
      log.subscribe((logId, entry) => this.#onLogged(logId, entry.state?.flushMs ?? 0)),
    );
  }

  /** Stops all timers; groups are forgotten. */
  close(): void {
    this.#isClosed = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const group of this.#groups.values()) group.cancelTimer?.();
    this.#groups.clear();
    this.#waiting.clear();
    this.#options.metrics.dispatcher.groups.set(0);
  }

  /** Whether a group has not told all about an alert yet, so that it must not be forgotten. */
  isNeeded(alert: Alert): boolean {
    const targets = this.#options.router.targetsOf(alert);
    return targets.some(({ groupId }) => this.#groups.get(groupId)?.alerts.has(alert.fingerprint) === true);
  }

  onAlert(alert: Alert): void {
    const startMs = performance.now();
    for (const target of this.#options.router.targetsOf(alert)) this.#insert(alert, target);
    this.#options.metrics.dispatcher.processingSeconds.observe((performance.now() - startMs) / 1000);
  }

  #insert(alert: Alert, target: GroupTarget): void {
    const group = this.#groupOf(target);
    if (group.cancelTimer === undefined) {
      this.#arm(group, firstFlushMs(alert.startsAtMs, target.route.groupWaitMs, this.#options.clock.now()));
    }
    group.alerts.set(alert.fingerprint, alert);
  }

  #groupOf(target: GroupTarget): AggregationGroup {
    let group = this.#groups.get(target.groupId);
    if (group === undefined) {
      group = new AggregationGroup(target.groupId, target.route, target.groupKey, target.labels);
      this.#groups.set(group.id, group);
      this.#options.metrics.dispatcher.groups.set(this.#groups.size);
    }
    return group;
  }

  /** Starts the times of a group that was formed from the store, without the resolved alerts of which all was told. */
  #begin(group: AggregationGroup): void {
    const { clock, isResuming, planner } = this.#options;
    const nowMs = clock.now();
    const told = planner.toldOf(group);
    for (const alert of group.alerts.values()) {
      if (isResolvedAt(alert, nowMs) && !told.isOpen(alert)) group.alerts.delete(alert.fingerprint);
    }
    if (group.alerts.size === 0) {
      this.#destroy(group);
      return;
    }
    let startsAtMs = nowMs;
    for (const alert of group.alerts.values()) startsAtMs = Math.min(startsAtMs, alert.startsAtMs);
    const { groupIntervalMs, groupWaitMs } = group.route;
    const { lastFlushMs } = told;
    const resumed = { lastFlushMs, startsAtMs, groupIntervalMs, groupWaitMs, nowMs };
    this.#arm(group, isResuming ? resumedFlushMs(resumed) : firstFlushMs(startsAtMs, groupWaitMs, nowMs));
  }

  #arm(group: AggregationGroup, flushMs: number): void {
    const { clock, notBeforeMs } = this.#options;
    group.nextFlushMs = notBeforeMs > clock.now() ? Math.max(flushMs, notBeforeMs) : flushMs;
    group.cancelTimer = clock.after(group.nextFlushMs - clock.now(), () => this.#onDue(group));
  }

  #onDue(group: AggregationGroup): void {
    const { clock, logger } = this.#options;
    const nowMs = clock.now();
    // Timers have a longest delay, and may be a fraction of a millisecond early.
    if (nowMs < group.nextFlushMs) {
      this.#arm(group, group.nextFlushMs);
      return;
    }
    const flushMs = group.nextFlushMs;
    const { groupIntervalMs } = group.route;
    const isLate = nowMs - flushMs >= groupIntervalMs;
    this.#arm(group, (isLate ? nowMs : flushMs) + groupIntervalMs);
    try {
      this.#flush(group, flushMs, nowMs);
    } catch (error) {
      logger.error({ err: error, group: group.groupKey }, "flush failed, tried again at the next one");
    }
  }

  #flush(group: AggregationGroup, flushMs: number, nowMs: number): void {
    const { metrics, outbox, planner } = this.#options;
    // Short intervals end before their deadline: upstream too waits for the flush before.
    for (const logId of group.openFlush?.waitingFor ?? []) if (outbox.isBusy(logId)) return;
    this.#endOpenFlush(group);
    const plan = planner.plan(group, flushMs, nowMs);
    for (const logId of plan.heldOpen) void this.#keepEntry(logId, group, nowMs);
    for (const [reason, count] of plan.heldBackCounts) metrics.notifications.suppressed.inc({ reason }, count);
    this.#openFlush(group, flushMs, plan);
    for (const job of plan.jobs) outbox.add(job);
    this.#finishIfTold(group);
  }

  /** What is held back for longer than the log keeps entries must still be told to be over one day. Never rejects. */
  async #keepEntry(logId: string, { route }: AggregationGroup, nowMs: number): Promise<void> {
    const { log, logger, retentionMs } = this.#options;
    const lifetimeMs = logLifetimeMs(route.repeatIntervalMs, retentionMs);
    const entry = log.get(logId);
    if (entry === undefined || entry.expiresAtMs - nowMs > lifetimeMs / 2) return;
    try {
      await log.write(logId, { ...entry, expiresAtMs: nowMs + lifetimeMs }, entry.revision);
    } catch (error) {
      logger.debug({ reason: messageOf(error) }, "an entry of the log is kept a little later");
    }
  }

  #openFlush(group: AggregationGroup, flushMs: number, { jobs, leaving }: FlushPlan): void {
    group.openFlush = { flushMs, waitingFor: new Set(jobs.map(({ logId }) => logId)), leaving };
    for (const { logId } of jobs) {
      const waiting = this.#waiting.get(logId);
      if (waiting === undefined) this.#waiting.set(logId, new Set([group]));
      else waiting.add(group);
    }
  }

  #onLogged(logId: string, flushMs: number): void {
    for (const group of this.#waiting.get(logId) ?? []) {
      if (group.openFlush === undefined || flushMs < group.openFlush.flushMs) continue;
      group.openFlush.waitingFor.delete(logId);
      this.#stopWaiting(group, logId);
      this.#finishIfTold(group);
    }
  }

  /** All integrations were told: what is resolved and has not changed since leaves, and with the last one the group. */
  #finishIfTold(group: AggregationGroup): void {
    const { openFlush } = group;
    if (openFlush === undefined || openFlush.waitingFor.size > 0 || this.#isClosed) return;
    group.openFlush = undefined;
    for (const alert of openFlush.leaving) {
      if (group.alerts.get(alert.fingerprint) === alert) group.alerts.delete(alert.fingerprint);
    }
    if (group.alerts.size > 0) return;
    this.#destroy(group);
  }

  #destroy(group: AggregationGroup): void {
    group.cancelTimer?.();
    this.#groups.delete(group.id);
    this.#options.metrics.dispatcher.groups.set(this.#groups.size);
  }

  #endOpenFlush(group: AggregationGroup): void {
    for (const logId of group.openFlush?.waitingFor ?? []) this.#stopWaiting(group, logId);
    group.openFlush = undefined;
  }

  #stopWaiting(group: AggregationGroup, logId: string): void {
    const waiting = this.#waiting.get(logId);
    waiting?.delete(group);
    if (waiting?.size === 0) this.#waiting.delete(logId);
  }
}
