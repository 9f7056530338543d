import { type Bus, MessagePuller, publishDeadLetter } from "@monotreme/bus";
import { ALERTMANAGER_CONSUMER, ALERTS_STREAM } from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { JsMsg } from "@nats-io/jetstream";
import type { DeliveryMetrics, IntakeMetrics } from "../metrics.ts";
import { postedAlertsFromMessage } from "./alert-events-message.ts";
import type { AlertStore } from "./alert-store.ts";
import { alertsFromPosted, type PostedAlertsOptions } from "./posted-alerts.ts";

export interface AlertEventsConsumerOptions {
  readonly bus: Bus;
  readonly alerts: AlertStore;
  readonly logger: Logger;
  readonly metrics: { readonly intake: IntakeMetrics; readonly delivery: DeliveryMetrics };
  /** How alerts are completed, at the moment of asking. */
  readonly intake: () => PostedAlertsOptions;
}

/** Shorter than anybody waits for a first notification; storing takes milliseconds. */
const ACK_WAIT_MS = 5000;
const MAX_ACK_PENDING = 32;
const MAX_BYTES = 4 * 2 ** 20;

/**
 * Takes alert events of rulers and heartbeats off the bus. A message is acknowledged when its alerts are durable, comes
 * again where they are not, and is put aside where nobody can read it.
 */
export class AlertEventsConsumer {
  readonly #options: AlertEventsConsumerOptions;
  readonly #puller: MessagePuller;
  readonly #underWay = new Set<Promise<void>>();
  readonly #running: Promise<void>;

  constructor(options: AlertEventsConsumerOptions) {
    this.#options = options;
    this.#puller = new MessagePuller(options.bus, {
      stream: ALERTS_STREAM,
      consumer: ALERTMANAGER_CONSUMER,
      filterSubject: "alerts.>",
      maxBytes: MAX_BYTES,
      ackWaitMs: ACK_WAIT_MS,
      maxAckPending: MAX_ACK_PENDING,
    });
    this.#running = this.#run();
  }

  /** Resolves when what was taken is settled. */
  async close(): Promise<void> {
    this.#puller.stop();
    await this.#running;
    await Promise.all(this.#underWay);
  }

  async #run(): Promise<void> {
    for await (const message of this.#puller) {
      // Merged in the order of arrival; only the writing overlaps.
      const handling = this.#handle(message);
      this.#underWay.add(handling);
      void handling.finally(() => this.#underWay.delete(handling));
    }
  }

  /** Never rejects. */
  async #handle(message: JsMsg): Promise<void> {
    const { alerts, intake, logger, metrics } = this.#options;
    const posted = postedAlertsFromMessage(message.data);
    if (posted === undefined) return this.#putAside(message);
    const options = intake();
    const result = alertsFromPosted(posted, options);
    for (const { endsAtMs } of result.alerts) {
      metrics.intake.received.inc({ status: endsAtMs <= options.nowMs ? "resolved" : "firing", version: "bus" });
    }
    for (const fault of result.errors) {
      metrics.intake.invalid.inc({ version: "bus" });
      logger.warn({ subject: message.subject, reason: fault }, "an alert event is no alert");
    }
    try {
      await alerts.put(result.alerts);
      message.ack();
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, "alert events not stored, they come again");
      message.nak(1000);
    }
  }

  async #putAside(message: JsMsg): Promise<void> {
    const { bus, logger, metrics } = this.#options;
    const { data, subject, seq: sequence } = message;
    const reason = "not a message of alert events";
    try {
      await publishDeadLetter(bus, { stream: ALERTS_STREAM, subject, sequence, reason, data });
      metrics.delivery.deadLetters.inc();
      message.term();
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, "an unreadable message was not put aside, it comes again");
      message.nak(1000);
    }
  }
}
