import type { Route } from "@monotreme/alertmanager-config";
import type { Clock } from "@monotreme/clock";
import { createNotification, type NotificationData } from "@monotreme/receivers";
import { type Alert, isResolvedAt, type LabelSet } from "../alerts/alert.ts";
import type { AlertStore } from "../alerts/alert-store.ts";
import type { GroupRouter, GroupTarget } from "../dispatch/group-router.ts";
import { labelSetKey, notificationAlertOf } from "../dispatch/notification-alerts.ts";
import type { InhibitionLookup } from "../inhibit/inhibitor.ts";
import type { Suppressor } from "../notify/suppressor.ts";
import type { AlertStatus, AlertViews, GroupView, SilenceLookup } from "./alert-views.ts";

export interface StoreViewsOptions {
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly router: GroupRouter;
  readonly suppressor: Suppressor;
  readonly inhibition: InhibitionLookup;
  readonly silences: SilenceLookup;
  readonly renderRouteLabels: (route: Route, data: NotificationData) => LabelSet;
  readonly externalUrl: string;
}

/** What the API shows, under one configuration. */
export class StoreViews implements AlertViews {
  readonly #options: StoreViewsOptions;

  constructor(options: StoreViewsOptions) {
    this.#options = options;
  }

  receiversOf(alert: Alert): readonly string[] {
    const names = this.#options.router.targetsOf(alert).map(({ route }) => route.receiver);
    return names.length > 1 ? [...new Set(names)] : names;
  }

  statusOf(alert: Alert): AlertStatus {
    const { clock, inhibition, silences } = this.#options;
    const silencedBy = silences.silencedBy(alert.labels);
    const source = inhibition.inhibitedBy(alert.labels, clock.now());
    const inhibitedBy = source === undefined ? [] : [source];
    const isHeldBack = silencedBy.length > 0 || inhibitedBy.length > 0;
    return { state: isHeldBack ? "suppressed" : "active", silencedBy, inhibitedBy };
  }

  groups(accepts: (alert: Alert) => boolean): readonly GroupView[] {
    const { alerts, clock, router } = this.#options;
    const nowMs = clock.now();
    const byTarget = new Map<GroupTarget, Alert[]>();
    for (const alert of alerts.values()) {
      if (isResolvedAt(alert, nowMs) || !accepts(alert)) continue;
      for (const target of router.targetsOf(alert)) {
        const members = byTarget.get(target);
        if (members === undefined) byTarget.set(target, [alert]);
        else members.push(alert);
      }
    }
    return Array.from(byTarget, ([target, members]) => this.#view(target, members, nowMs)).sort(compareGroups);
  }

  #view(target: GroupTarget, members: Alert[], nowMs: number): GroupView {
    const { groupKey, route, labels } = target;
    members.sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
    return {
      groupKey,
      routeId: route.id,
      labels,
      routeLabels: this.#routeLabelsOf(target, members, nowMs),
      receiver: route.receiver,
      alerts: members,
      mutedBy: this.#options.suppressor.mutedBy(route, nowMs),
    };
  }

  #routeLabelsOf({ route, groupKey, labels }: GroupTarget, members: readonly Alert[], nowMs: number): LabelSet {
    if (Object.keys(route.labels).length === 0) return {};
    const { externalUrl, renderRouteLabels } = this.#options;
    const notification = createNotification({
      receiver: route.receiver,
      groupKey,
      groupLabels: labels,
      routeLabels: {},
      reason: "",
      alerts: members.map((alert) => notificationAlertOf(alert, nowMs)),
      flushMs: nowMs,
      receiverData: {},
      externalUrl,
    });
    return renderRouteLabels(route, notification.data);
  }
}

function compareGroups(a: GroupView, b: GroupView): number {
  const left = labelSetKey(a.labels);
  const right = labelSetKey(b.labels);
  if (left !== right) return left < right ? -1 : 1;
  if (a.receiver !== b.receiver) return a.receiver < b.receiver ? -1 : 1;
  return a.routeId < b.routeId ? -1 : 1;
}
