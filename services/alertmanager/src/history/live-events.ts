import { type Bus, translateBusError } from "@monotreme/bus";
import { eventsSubject } from "@monotreme/contracts";
import { logIdOf } from "../notify/log-id.ts";
import type { Alert } from "../alerts/alert.ts";
import type { AlertChange, HistoryEvents, NotificationRecord } from "./history-events.ts";

/** Events on their way at once; in a storm beyond that they are left out, for nobody could read them live. */
const MAX_IN_FLIGHT = 1000;

/**
 * Tells the console and whoever else follows the stream `EVENTS` of alerts that start and end (`events.alert`) and of
 * notifications (`events.notification`), and passes all on to the history. Best effort: the history has everything.
 */
export class LiveEvents implements HistoryEvents {
  readonly #bus: Bus;
  readonly #history: HistoryEvents;
  #inFlight = 0;

  constructor(bus: Bus, history: HistoryEvents) {
    this.#bus = bus;
    this.#history = history;
  }

  alertChanged(alert: Alert, change: AlertChange, atMs: number): void {
    this.#history.alertChanged(alert, change, atMs);
    const { fingerprint, labels, annotations, startsAtMs } = alert;
    const event = { atMs, change, fingerprint, labels, annotations, startsAtMs };
    this.#publish("alert", event, `${fingerprint}/${startsAtMs}/${change}/${atMs}`);
  }

  notified(record: NotificationRecord): void {
    this.#history.notified(record);
    const { firing, resolved, ...event } = record;
    const counts = { firing: firing.length, resolved: resolved.length };
    this.#publish("notification", { ...event, ...counts }, `${logIdOf(record)}/${record.flushMs}/${record.outcome}`);
  }

  #publish(kind: string, event: object, id: string): void {
    if (this.#inFlight >= MAX_IN_FLIGHT || !this.#bus.isConnected) return;
    this.#inFlight++;
    // A replica that takes over may tell the same again; JetStream drops what it has seen.
    const sending = this.#bus.jetstream.publish(eventsSubject(kind), JSON.stringify(event), { msgID: `${kind}/${id}` });
    sending
      .catch((error: unknown) => {
        const { message } = translateBusError(error, "publish an event");
        this.#bus.logger.debug({ reason: message }, "an event is lost");
      })
      .finally(() => this.#inFlight--);
  }
}
