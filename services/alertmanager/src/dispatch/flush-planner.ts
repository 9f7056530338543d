import type { Route } from "@monotreme/alertmanager-config";
import {
  type ConfiguredIntegration,
  createNotification,
  type NotificationAlert,
  type NotificationData,
} from "@monotreme/receivers";
import { type Alert, isResolvedAt, type LabelSet } from "../alerts/alert.ts";
import type { SuppressionReason } from "../engine/engine-metrics.ts";
import { type DeliveryJob, jobIdOf } from "../delivery/delivery-job.ts";
import { decide } from "../notify/decide.ts";
import { logIdOf } from "../notify/log-id.ts";
import type { NotificationLog } from "../notify/notification-log.ts";
import type { Suppressor } from "../notify/suppressor.ts";
import type { AggregationGroup } from "./aggregation-group.ts";
import { ToldGroup } from "./told-group.ts";
import { notificationAlertOf, sortAlerts } from "./notification-alerts.ts";

export interface FlushPlannerOptions {
  readonly log: NotificationLog;
  readonly suppressor: Suppressor;
  readonly integrationsOf: (receiver: string) => readonly ConfiguredIntegration[];
  readonly renderRouteLabels: (route: Route, data: NotificationData) => LabelSet;
  readonly externalUrl: string;
  readonly retentionMs: number;
  readonly heldBackResolved: "afterwards" | "immediately";
}

export interface FlushPlan {
  readonly jobs: readonly DeliveryJob[];
  /** Resolved alerts that may leave the group once the jobs are done. */
  readonly leaving: readonly Alert[];
  /** Entries of the log that must not expire: integrations believe that what is held back now fires. */
  readonly heldOpen: readonly string[];
  readonly heldBackCounts: ReadonlyMap<SuppressionReason, number>;
}

/** Shortest time that a flush has before its deadline. */
const MIN_DEADLINE_MS = 10_000;

/** Decides what of a group's flush each integration must hear; does not change anything. */
export class FlushPlanner {
  readonly #options: FlushPlannerOptions;

  constructor(options: FlushPlannerOptions) {
    this.#options = options;
  }

  plan(group: AggregationGroup, flushMs: number, nowMs: number): FlushPlan {
    const { suppressor } = this.#options;
    const told = this.toldOf(group);
    const alerts = sortAlerts(group.alerts.values());
    const isFree = (alert: Alert): boolean =>
      this.#options.heldBackResolved === "immediately" && isResolvedAt(alert, nowMs) && told.isOpen(alert);
    const { passed, heldBack, counts } = suppressor.apply(group.route, alerts, nowMs, isFree);
    const jobs = passed.length === 0 ? [] : this.#jobsOf(group, told, passed, heldBack, flushMs, nowMs);
    const heldOpen = told.integrations
      .filter(({ state }) => heldBack.some(({ fingerprint }) => state?.open.has(fingerprint)))
      .map(({ logId }) => logId);
    const stays = new Set(heldBack.filter((alert) => told.isOpen(alert)));
    const leaving = alerts.filter((alert) => isResolvedAt(alert, nowMs) && !stays.has(alert));
    return { jobs, leaving, heldOpen, heldBackCounts: counts };
  }

  /** What the integrations of a group have been told. */
  toldOf({ groupKey, route }: AggregationGroup): ToldGroup {
    const integrations = this.#options.integrationsOf(route.receiver).map((configured) => {
      const { name: integration, index: integrationIndex } = configured;
      const logId = logIdOf({ groupKey, receiver: route.receiver, integration, integrationIndex });
      return { configured, logId, state: this.#options.log.get(logId)?.state };
    });
    return new ToldGroup(integrations);
  }

  #jobsOf(
    group: AggregationGroup,
    told: ToldGroup,
    passed: readonly Alert[],
    heldBack: readonly Alert[],
    flushMs: number,
    nowMs: number,
  ): readonly DeliveryJob[] {
    const resolved = new Set(passed.filter((alert) => isResolvedAt(alert, nowMs)).map((alert) => alert.fingerprint));
    const firing = new Set(
      passed.map((alert) => alert.fingerprint).filter((fingerprint) => !resolved.has(fingerprint)),
    );
    const { repeatIntervalMs, groupIntervalMs, receiver } = group.route;
    const { retentionMs } = this.#options;
    const message = new FlushMessage(passed, nowMs);
    const jobs: DeliveryJob[] = [];
    for (const { configured, logId, state } of told.integrations) {
      const { name: integration, index: integrationIndex, sendResolved } = configured;
      const reason = decide(state, { firing, resolved, flushMs }, { sendResolved, repeatIntervalMs });
      if (reason === undefined) continue;
      const alerts = sendResolved ? message.all : message.firing;
      const heldBackOpen = heldBack.map(({ fingerprint }) => fingerprint).filter((one) => state?.open.has(one));
      jobs.push({
        id: jobIdOf(logId, flushMs),
        logId,
        key: { groupKey: group.groupKey, receiver, integration, integrationIndex },
        flushMs,
        deadlineMs: flushMs + Math.max(MIN_DEADLINE_MS, groupIntervalMs),
        reason,
        sendResolved,
        repeatIntervalMs,
        retentionMs,
        firing: [...firing],
        resolved: [...resolved],
        heldBackOpen,
        groupLabels: group.labels,
        routeLabels: this.#routeLabelsOf(group, reason, alerts),
        alerts,
      });
    }
    return jobs;
  }

  #routeLabelsOf({ route, groupKey, labels }: AggregationGroup, reason: string, alerts: readonly NotificationAlert[]) {
    if (Object.keys(route.labels).length === 0) return {};
    const { externalUrl, renderRouteLabels } = this.#options;
    const input = { receiver: route.receiver, groupKey, groupLabels: labels, routeLabels: {}, reason, alerts };
    return renderRouteLabels(route, createNotification({ ...input, flushMs: 0, receiverData: {}, externalUrl }).data);
  }
}

/** The alerts of one flush as receivers see them, made at most once for all integrations. */
class FlushMessage {
  readonly #alerts: readonly Alert[];
  readonly #nowMs: number;
  #all: readonly NotificationAlert[] | undefined;

  constructor(alerts: readonly Alert[], nowMs: number) {
    this.#alerts = alerts;
    this.#nowMs = nowMs;
  }

  get all(): readonly NotificationAlert[] {
    this.#all ??= this.#alerts.map((alert) => notificationAlertOf(alert, this.#nowMs));
    return this.#all;
  }

  get firing(): readonly NotificationAlert[] {
    return this.all.filter(({ endsAt }) => endsAt === null);
  }
}
