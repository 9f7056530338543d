import { type Bus, translateBusError } from "@monotreme/bus";
import {
  type AlertEvent,
  type AlertEventsMessage,
  ALERTS_PER_MESSAGE,
  alertsSubject,
  DEFAULT_TENANT,
} from "@monotreme/contracts";

/** Keeps one message durably. */
export type PublishAlerts = (message: string) => Promise<void>;

interface Waiting {
  readonly alert: AlertEvent;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Batches on their way at once. */
const IN_FLIGHT = 4;

/**
 * Puts alerts into the stream of the alertmanager, those that come at once into one message. An alert may be sent again:
 * that says nothing new.
 */
export class AlertSender {
  readonly #publish: PublishAlerts;
  #waiting: Waiting[] = [];
  #inFlight = 0;

  constructor(publish: PublishAlerts) {
    this.#publish = publish;
  }

  /** Resolves when the alert is in the stream; rejects while that is away or full. */
  async send(alert: AlertEvent): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ alert, resolve, reject });
      // What else comes in this turn goes along.
      if (this.#waiting.length === 1) setImmediate(() => this.#next());
    });
  }

  async sendAll(alerts: readonly AlertEvent[]): Promise<void> {
    await Promise.all(alerts.map(async (alert) => this.send(alert)));
  }

  #next(): void {
    while (this.#inFlight < IN_FLIGHT && this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, ALERTS_PER_MESSAGE);
      this.#waiting = this.#waiting.slice(ALERTS_PER_MESSAGE);
      this.#inFlight++;
      void this.#deliver(batch).finally(() => {
        this.#inFlight--;
        this.#next();
      });
    }
  }

  /** Never rejects. */
  async #deliver(batch: readonly Waiting[]): Promise<void> {
    const message: AlertEventsMessage = { tenant: DEFAULT_TENANT, alerts: batch.map(({ alert }) => alert) };
    try {
      await this.#publish(JSON.stringify(message));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

/** Sends over NATS. */
export function createAlertSender(bus: Bus): AlertSender {
  return new AlertSender(async (message) => {
    try {
      await bus.jetstream.publish(alertsSubject("heartbeat"), message);
    } catch (error) {
      throw translateBusError(error, "send alerts");
    }
  });
}
