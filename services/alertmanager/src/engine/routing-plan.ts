import { type AlertmanagerConfig, receiversOf } from "@monotreme/alertmanager-config";
import type { ConfiguredIntegration } from "@monotreme/receivers";
import type { AlertStore } from "../alerts/alert-store.ts";
import { FlushPlanner } from "../dispatch/flush-planner.ts";
import { GroupRouter } from "../dispatch/group-router.ts";
import { Inhibitor } from "../inhibit/inhibitor.ts";
import type { NotificationLog } from "../notify/notification-log.ts";
import { Suppressor } from "../notify/suppressor.ts";
import type { CoreOptions } from "./alertmanager-core.ts";
import { StoreViews } from "./store-views.ts";

export type RoutingPlanOptions = Pick<
  CoreOptions,
  "clock" | "createIntegrations" | "externalUrl" | "heldBackResolved" | "renderRouteLabels" | "retentionMs" | "silences"
>;

/** Everything that follows from one configuration; a reload makes a new one and closes the old. */
export class RoutingPlan {
  readonly config: AlertmanagerConfig;
  readonly router: GroupRouter;
  readonly planner: FlushPlanner;
  readonly views: StoreViews;
  readonly #inhibitor: Inhibitor;
  readonly #integrations: ReadonlyMap<string, readonly ConfiguredIntegration[]>;

  /** Throws what building a receiver throws; then nothing is left behind. */
  constructor(config: AlertmanagerConfig, alerts: AlertStore, log: NotificationLog, options: RoutingPlanOptions) {
    const { clock, createIntegrations, externalUrl, heldBackResolved, retentionMs, silences } = options;
    const renderRouteLabels = options.renderRouteLabels ?? ((route) => route.labels);
    const used = receiversOf(config.route);
    const receivers = config.receivers.filter(({ name }) => used.has(name));
    this.config = config;
    this.#integrations = new Map(receivers.map((receiver) => [receiver.name, createIntegrations(receiver)]));
    this.#inhibitor = new Inhibitor(config.inhibitRules, alerts);
    this.router = new GroupRouter(config.route, alerts);
    const inhibition = this.#inhibitor;
    const suppressor = new Suppressor({ timeIntervals: config.timeIntervals, inhibition, silences });
    const integrationsOf = (receiver: string): readonly ConfiguredIntegration[] =>
      this.#integrations.get(receiver) ?? [];
    const shared = { renderRouteLabels, externalUrl };
    this.planner = new FlushPlanner({ log, suppressor, integrationsOf, retentionMs, heldBackResolved, ...shared });
    this.views = new StoreViews({ alerts, clock, router: this.router, suppressor, inhibition, silences, ...shared });
  }

  integration(receiver: string, name: string, index: number): ConfiguredIntegration | undefined {
    return this.#integrations.get(receiver)?.find((one) => one.name === name && one.index === index);
  }

  /** Stops following the alerts; messages under way can still be sent. */
  retire(): void {
    this.router.close();
    this.#inhibitor.close();
  }

  /** Closes the connections of the integrations. */
  close(): void {
    this.retire();
    for (const integrations of this.#integrations.values()) {
      for (const { integration } of integrations) integration.close();
    }
  }
}
