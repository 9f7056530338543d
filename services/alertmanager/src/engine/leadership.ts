import type { Bus } from "@monotreme/bus";
import { AlertEventsConsumer } from "../alerts/alert-events-consumer.ts";
import type { AlertStore } from "../alerts/alert-store.ts";
import type { PostedAlertsOptions } from "../alerts/posted-alerts.ts";
import { AlertTransitions } from "../history/alert-transitions.ts";
import type { DeliveryJob } from "../delivery/delivery-job.ts";
import type { DeliveryQueue } from "../delivery/delivery-queue.ts";
import { Outbox } from "../delivery/outbox.ts";
import { Dispatcher } from "../dispatch/dispatcher.ts";
import type { NotificationLog } from "../notify/notification-log.ts";
import type { RoutingPlan } from "./routing-plan.ts";
import type { CoreOptions } from "./alertmanager-core.ts";

export interface LeadershipOptions
  extends Pick<CoreOptions, "clock" | "logger" | "metrics" | "retentionMs" | "startDelayMs"> {
  readonly bus: Bus;
  readonly alerts: AlertStore;
  readonly log: NotificationLog;
  readonly queue: DeliveryQueue;
  readonly direct: DeliveryQueue;
  readonly history: NonNullable<CoreOptions["history"]>;
  readonly startedAtMs: number;
  readonly intake: () => PostedAlertsOptions;
}

/** What only the replica does that holds the lease: form groups, decide, take alert events off the bus. */
export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #outbox: Outbox;
  readonly #transitions: AlertTransitions;
  readonly #consumer: AlertEventsConsumer;
  #dispatcher: Dispatcher;

  constructor(plan: RoutingPlan, options: LeadershipOptions) {
    this.#options = options;
    const { alerts, clock, history, metrics } = options;
    this.#outbox = new Outbox({ ...options, metrics: metrics.delivery });
    this.#dispatcher = this.#dispatch(plan, true);
    this.#transitions = new AlertTransitions(alerts, clock, history);
    this.#consumer = new AlertEventsConsumer(options);
    metrics.delivery.isDispatching.set(1);
  }

  /** Forms the groups anew under another configuration. */
  reload(plan: RoutingPlan): void {
    this.#dispatcher.close();
    this.#dispatcher = this.#dispatch(plan, false);
  }

  /** Hears of a job that was given up. */
  onGivenUp(job: DeliveryJob): void {
    this.#outbox.giveUp(job);
  }

  /** Forgets alerts that are resolved and told. */
  async collectGarbage(): Promise<void> {
    const { alerts, clock } = this.#options;
    await alerts.collectGarbage(clock.now(), (alert) => this.#dispatcher.isNeeded(alert));
  }

  /** Stops at once; what was queued is delivered by whoever works on the queue. */
  stop(): void {
    this.#dispatcher.close();
    this.#outbox.close();
    this.#transitions.close();
    this.#options.metrics.delivery.isDispatching.set(0);
    void this.#consumer.close();
  }

  /** Resolves when the messages that were taken are settled. */
  async settled(): Promise<void> {
    await this.#consumer.close();
  }

  #dispatch(plan: RoutingPlan, isResuming: boolean): Dispatcher {
    const { router, planner } = plan;
    const outbox = this.#outbox;
    const notBeforeMs = this.#options.startedAtMs + this.#options.startDelayMs;
    const dispatcher = new Dispatcher({ ...this.#options, router, planner, outbox, notBeforeMs, isResuming });
    dispatcher.start();
    return dispatcher;
  }
}
