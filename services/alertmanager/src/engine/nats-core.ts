import type { AlertmanagerConfig } from "@monotreme/alertmanager-config";
import { ensureAlertStreams, type Lease, Leases } from "@monotreme/bus";
import type { CancelTimer } from "@monotreme/clock";
import { messageOf } from "@monotreme/errors";
import { AlertStore } from "../alerts/alert-store.ts";
import { NatsAlertBucket } from "../alerts/nats-alert-bucket.ts";
import { BullQueue } from "../delivery/bull-queue.ts";
import { BullWorker } from "../delivery/bull-worker.ts";
import { Deliverer } from "../delivery/deliverer.ts";
import { DirectDelivery } from "../delivery/direct-delivery.ts";
import type { FailedDeliveries } from "../delivery/failed-deliveries.ts";
import type { HistoryEvents } from "../history/history-events.ts";
import { LiveEvents } from "../history/live-events.ts";
import { NatsNotificationLog } from "../notify/nats-notification-log.ts";
import type { AlertViews } from "./alert-views.ts";
import { Leadership } from "./leadership.ts";
import { RoutingPlan } from "./routing-plan.ts";
import type { AlertmanagerCore, CoreOptions } from "./alertmanager-core.ts";

/** A dispatcher that is killed is followed after this long. */
const LEASE_TTL_MS = 6000;
const LEASE_KEY = "alertmanager.dispatch";
/** How long a shutdown waits for services to answer. */
const SHUTDOWN_GRACE_MS = 5000;
/** Messages under way go on with the integrations of the configuration under which they started. */
const RETIRED_PLAN_MS = 60_000;

const NO_HISTORY: HistoryEvents = { alertChanged: () => undefined, notified: () => undefined };

/** The core over NATS and Redis. */
export class NatsCore implements AlertmanagerCore {
  readonly alerts: AlertStore;
  readonly #options: CoreOptions;
  readonly #history: LiveEvents;
  readonly #log: NatsNotificationLog;
  readonly #leases: Leases;
  readonly #lease: Lease;
  readonly #queue: BullQueue;
  readonly #worker: BullWorker;
  readonly #direct: DirectDelivery;
  readonly #startedAtMs: number;
  readonly #retired = new Map<RoutingPlan, CancelTimer>();
  #plan: RoutingPlan;
  #leadership: Leadership | undefined;
  #cancelGc: CancelTimer;
  #closing: Promise<void> | undefined;

  static async start(options: CoreOptions): Promise<NatsCore> {
    const { bus, clock, logger, replicas } = options;
    await ensureAlertStreams(bus, replicas);
    const bucket = await NatsAlertBucket.open(bus, replicas);
    const alerts = await AlertStore.open({ bucket, clock, logger });
    const log = await NatsNotificationLog.open(bus, replicas, clock);
    const leases = await Leases.open(bus, { holder: "alertmanager", ttlMs: LEASE_TTL_MS, replicas });
    return new NatsCore(options, alerts, log, leases);
  }

  private constructor(options: CoreOptions, alerts: AlertStore, log: NatsNotificationLog, leases: Leases) {
    const { clock, logger, metrics, redisUrl } = options;
    this.#options = options;
    this.#history = new LiveEvents(options.bus, clock, options.history ?? NO_HISTORY);
    this.alerts = alerts;
    this.#log = log;
    this.#leases = leases;
    this.#startedAtMs = clock.now();
    this.#plan = new RoutingPlan(options.config, alerts, log, options);
    const deliverer = new Deliverer({
      ...options,
      log,
      metrics: metrics.notifications,
      history: this.#history,
      integrations: (receiver, name, index) => this.#plan.integration(receiver, name, index),
      holder: leases.id,
      isHolderAlive: (holder) => leases.aliveHolders.includes(holder),
      random: Math.random,
      onGivenUp: (job) => this.#leadership?.onGivenUp(job),
    });
    this.#queue = new BullQueue(redisUrl, clock, logger);
    this.#worker = new BullWorker(redisUrl, deliverer, clock, logger);
    this.#direct = new DirectDelivery(deliverer, clock);
    this.#lease = leases.keep(LEASE_KEY, { onAcquired: () => this.#lead(), onLost: () => this.#follow() });
    this.#cancelGc = this.#armGarbageCollection();
  }

  get views(): AlertViews {
    return this.#plan.views;
  }

  get failedDeliveries(): FailedDeliveries {
    return this.#queue;
  }

  get isDispatching(): boolean {
    return this.#leadership !== undefined && this.#lease.isHeld;
  }

  reload(config: AlertmanagerConfig): void {
    const plan = new RoutingPlan(config, this.alerts, this.#log, this.#options);
    const old = this.#plan;
    this.#plan = plan;
    this.#leadership?.reload(plan);
    old.retire();
    const close = (): void => {
      this.#retired.delete(old);
      old.close();
    };
    this.#retired.set(old, this.#options.clock.after(RETIRED_PLAN_MS, close));
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#cancelGc();
    const leadership = this.#leadership;
    await this.#lease.release();
    await leadership?.settled();
    await this.#worker.close(SHUTDOWN_GRACE_MS);
    await this.#direct.close();
    await this.#queue.close();
    this.#history.close();
    // Only now: while messages are under way others must see that this process lives.
    await this.#leases.close();
    await this.alerts.close();
    await this.#log.close();
    for (const [plan, cancel] of this.#retired) {
      cancel();
      plan.close();
    }
    this.#plan.close();
  }

  #lead(): void {
    this.#options.logger.info("this replica dispatches");
    const { clock, config: _initial, ...options } = this.#options;
    this.#leadership = new Leadership(this.#plan, {
      ...options,
      clock,
      alerts: this.alerts,
      log: this.#log,
      queue: this.#queue,
      direct: this.#direct,
      history: this.#history,
      startedAtMs: this.#startedAtMs,
      intake: () => ({
        nowMs: clock.now(),
        resolveTimeoutMs: this.#plan.config.global.resolveTimeoutMs,
        isClassicMode: options.isClassicMode,
      }),
    });
  }

  #follow(): void {
    this.#options.logger.info("this replica does not dispatch any more");
    this.#leadership?.stop();
    this.#leadership = undefined;
  }

  #armGarbageCollection(): CancelTimer {
    return this.#options.clock.after(this.#options.gcIntervalMs, () => {
      this.#cancelGc = this.#armGarbageCollection();
      void this.#collectGarbage();
    });
  }

  async #collectGarbage(): Promise<void> {
    if (this.#leadership === undefined) return;
    try {
      await this.#leadership.collectGarbage();
      await this.#log.collectGarbage();
    } catch (error) {
      this.#options.logger.warn({ reason: messageOf(error) }, "old alerts are collected later");
    }
  }
}
