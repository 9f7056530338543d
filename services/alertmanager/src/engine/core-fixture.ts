import type { AlertmanagerConfig, Receiver } from "@monotreme/alertmanager-config";
import { FakeClock } from "@monotreme/clock/testing";
import type { ConfiguredIntegration, DeliveryResult, Notification } from "@monotreme/receivers";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import type { LabelSet } from "../alerts/alert.ts";
import { AlertStore } from "../alerts/alert-store.ts";
import { MemoryAlertBucket } from "../alerts/memory-alert-bucket.ts";
import { alertsFromPosted, type PostedAlert } from "../alerts/posted-alerts.ts";
import { Deliverer } from "../delivery/deliverer.ts";
import type { DeliveryQueue } from "../delivery/delivery-queue.ts";
import { DirectDelivery } from "../delivery/direct-delivery.ts";
import { Outbox } from "../delivery/outbox.ts";
import { Dispatcher } from "../dispatch/dispatcher.ts";
import type { NotificationRecord } from "../history/history-events.ts";
import { type AlertmanagerMetrics, createAlertmanagerMetrics } from "../metrics.ts";
import { logIdOf } from "../notify/log-id.ts";
import { MemoryNotificationLog } from "../notify/memory-notification-log.ts";
import type { CoreOptions } from "./alertmanager-core.ts";
import { RoutingPlan } from "./routing-plan.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const START_MS = Date.UTC(2026, 0, 1);

export interface FixtureSettings {
  readonly heldBackResolved?: CoreOptions["heldBackResolved"];
  /** Of each receiver: one webhook that sends resolved alerts, when not given. */
  readonly integrations?: readonly { readonly name: string; readonly sendResolved: boolean }[];
  readonly startDelayMs?: number;
  /** Parts that a process shares with another, or keeps over its restart. */
  readonly shared?: CoreFixture;
  readonly queue?: DeliveryQueue;
}

/** What a service does with a message; throws what it answers. */
export type ServiceBehaviour = (notification: Notification, signal: AbortSignal) => Promise<DeliveryResult>;

/** One replica that dispatches and delivers, in virtual time over memory; instants are seconds since its start. */
export class CoreFixture {
  readonly clock: FakeClock;
  readonly bucket: MemoryAlertBucket;
  readonly log: MemoryNotificationLog;
  /** What services took: `second receiver/integration reason: alerts`, resolved ones with a `-`. */
  readonly sent: string[];
  readonly notifications: Notification[] = [];
  readonly records: NotificationRecord[] = [];
  readonly silencedNames = new Set<string>();
  readonly metrics: AlertmanagerMetrics;
  readonly registry = new Registry();
  readonly direct: DirectDelivery;
  readonly outbox: Outbox;
  readonly alerts: AlertStore;
  plan: RoutingPlan;
  dispatcher: Dispatcher;
  service: ServiceBehaviour = async () => ({});
  readonly #settings: FixtureSettings;

  static async start(config: AlertmanagerConfig, settings: FixtureSettings = {}): Promise<CoreFixture> {
    const clock = settings.shared?.clock ?? new FakeClock(START_MS);
    const bucket = settings.shared?.bucket ?? new MemoryAlertBucket();
    const alerts = await AlertStore.open({ bucket, clock, logger: createSilentLogger() });
    return new CoreFixture(config, settings, clock, bucket, alerts);
  }

  private constructor(
    config: AlertmanagerConfig,
    settings: FixtureSettings,
    clock: FakeClock,
    bucket: MemoryAlertBucket,
    alerts: AlertStore,
  ) {
    this.#settings = settings;
    this.clock = clock;
    this.bucket = bucket;
    this.alerts = alerts;
    this.log = settings.shared?.log ?? new MemoryNotificationLog(clock);
    this.sent = settings.shared?.sent ?? [];
    this.metrics = createAlertmanagerMetrics(this.registry);
    this.plan = this.#planOf(config);
    const logger = createSilentLogger();
    const deliverer = new Deliverer({
      log: this.log,
      clock,
      logger,
      metrics: this.metrics.notifications,
      integrations: (receiver, name, index) => this.plan.integration(receiver, name, index),
      history: { alertChanged: () => undefined, notified: (record) => this.records.push(record) },
      externalUrl: "http://alertmanager",
      holder: "fixture",
      isHolderAlive: (holder) => holder !== "dead",
      random: () => 0.5,
      onGivenUp: (job) => this.outbox.giveUp(job),
    });
    this.direct = new DirectDelivery(deliverer, clock);
    const queue = settings.queue ?? this.direct;
    this.outbox = new Outbox({
      queue,
      direct: this.direct,
      log: this.log,
      clock,
      logger,
      metrics: this.metrics.delivery,
    });
    this.dispatcher = this.#dispatch(true);
  }

  get second(): number {
    return (this.clock.now() - START_MS) / SECOND;
  }

  /** Lets time pass up to a second since the start, and gives what was sent meanwhile. */
  async until(second: number): Promise<readonly string[]> {
    const before = this.sent.length;
    await this.clock.advanceTo(START_MS + second * SECOND);
    return this.sent.slice(before);
  }

  /** An alert that fires for an hour, unless it is resolved. */
  async fire(name: string, labels: LabelSet = {}, posted: Partial<PostedAlert> = {}): Promise<void> {
    const nowMs = this.clock.now();
    await this.post(name, labels, { startsAtMs: nowMs, endsAtMs: nowMs + HOUR, ...posted });
  }

  async resolve(name: string, labels: LabelSet = {}): Promise<void> {
    await this.post(name, labels, { endsAtMs: this.clock.now() });
  }

  async post(name: string, labels: LabelSet, posted: Partial<PostedAlert>): Promise<void> {
    const alert: PostedAlert = {
      labels: { alertname: name, ...labels },
      annotations: {},
      startsAtMs: undefined,
      endsAtMs: undefined,
      generatorUrl: "",
      ...posted,
    };
    const options = { nowMs: this.clock.now(), resolveTimeoutMs: 300 * SECOND, isClassicMode: false };
    const { alerts, errors } = alertsFromPosted([alert], options);
    if (errors.length > 0) throw new Error(errors.join());
    await this.alerts.put(alerts);
  }

  reload(config: AlertmanagerConfig): void {
    const old = this.plan;
    this.plan = this.#planOf(config);
    this.dispatcher.close();
    this.dispatcher = this.#dispatch(false);
    old.retire();
  }

  /** Leaves the mark of a process that is about to tell of the group of everything. */
  async markAsSending(receiver: string, integration: string, holder: string): Promise<void> {
    const key = { groupKey: "{}:{}", receiver, integration, integrationIndex: 0 };
    const entry = { key, state: undefined, sending: { flushMs: 1, holder }, expiresAtMs: this.clock.now() + HOUR };
    await this.log.write(logIdOf(key), entry, 0);
  }

  /** As if the process were killed: nothing is handed over. */
  async kill(): Promise<void> {
    this.dispatcher.close();
    this.outbox.close();
    this.plan.retire();
    await this.direct.close();
  }

  #dispatch(isResuming: boolean): Dispatcher {
    const dispatcher = new Dispatcher({
      alerts: this.alerts,
      log: this.log,
      router: this.plan.router,
      planner: this.plan.planner,
      outbox: this.outbox,
      clock: this.clock,
      logger: createSilentLogger(),
      metrics: this.metrics,
      notBeforeMs: this.clock.now() + (this.#settings.startDelayMs ?? 0),
      isResuming,
      retentionMs: 120 * HOUR,
    });
    dispatcher.start();
    return dispatcher;
  }

  #planOf(config: AlertmanagerConfig): RoutingPlan {
    return new RoutingPlan(config, this.alerts, this.log, {
      clock: this.clock,
      silences: {
        silencedBy: ({ alertname = "" }) => (this.silencedNames.has(alertname) ? [`silence of ${alertname}`] : []),
      },
      createIntegrations: (receiver) => this.#integrationsOf(receiver),
      externalUrl: "http://alertmanager",
      retentionMs: 120 * HOUR,
      heldBackResolved: this.#settings.heldBackResolved ?? "afterwards",
    });
  }

  #integrationsOf(receiver: Receiver): readonly ConfiguredIntegration[] {
    const kinds = this.#settings.integrations ?? [{ name: "webhook", sendResolved: true }];
    return kinds.map(({ name, sendResolved }) => ({
      name,
      index: 0,
      sendResolved,
      integration: {
        name,
        send: async (notification, signal) => this.#take(receiver, name, notification, signal),
        close: () => undefined,
      },
    }));
  }

  async #take({ name: receiver }: Receiver, name: string, notification: Notification, signal: AbortSignal) {
    const result = await this.service(notification, signal);
    const alerts = notification.alerts.map(
      ({ labels, endsAt }) => `${endsAt === null ? "" : "-"}${labels["alertname"]}`,
    );
    this.notifications.push(notification);
    this.sent.push(`${this.second} ${receiver}/${name} ${notification.reason}: ${alerts.join(" ")}`);
    return result;
  }
}
