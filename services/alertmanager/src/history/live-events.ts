import { type Bus, translateBusError } from "@monotreme/bus";
import type { CancelTimer, Clock } from "@monotreme/clock";
import { eventsSubject } from "@monotreme/contracts";
import type { Alert } from "../alerts/alert.ts";
import type { AlertChange, HistoryEvents, NotificationRecord } from "./history-events.ts";

const GATHER_MS = 100;
const MAX_PER_MESSAGE = 200;
/** In a storm what is more than that within one moment is left out, for nobody could read it live. */
const MAX_GATHERED = 2000;

/**
 * Tells the console and whoever else follows the stream `EVENTS` of alerts that start and end (`events.alert`, a message
 * of `{alerts: […]}`) and of notifications (`events.notification`, `{notifications: […]}`), and passes all on to the
 * history. Best effort: the history has everything.
 */
export class LiveEvents implements HistoryEvents {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #history: HistoryEvents;
  #alerts: object[] = [];
  #notifications: object[] = [];
  #cancelTimer: CancelTimer | undefined;

  constructor(bus: Bus, clock: Clock, history: HistoryEvents) {
    this.#bus = bus;
    this.#clock = clock;
    this.#history = history;
  }

  alertChanged(alert: Alert, change: AlertChange, atMs: number): void {
    this.#history.alertChanged(alert, change, atMs);
    const { fingerprint, labels, annotations, startsAtMs } = alert;
    this.#gather(this.#alerts, { atMs, change, fingerprint, labels, annotations, startsAtMs });
  }

  notified(record: NotificationRecord): void {
    this.#history.notified(record);
    const { firing, resolved, ...event } = record;
    this.#gather(this.#notifications, { ...event, firing: firing.length, resolved: resolved.length });
  }

  /** Sends what was gathered. */
  close(): void {
    this.#cancelTimer?.();
    this.#send();
  }

  #gather(events: object[], event: object): void {
    if (events.length >= MAX_GATHERED) return;
    events.push(event);
    this.#cancelTimer ??= this.#clock.after(GATHER_MS, () => this.#send());
  }

  #send(): void {
    this.#cancelTimer = undefined;
    const alerts = this.#alerts;
    const notifications = this.#notifications;
    this.#alerts = [];
    this.#notifications = [];
    for (let at = 0; at < alerts.length; at += MAX_PER_MESSAGE) {
      this.#publish("alert", { alerts: alerts.slice(at, at + MAX_PER_MESSAGE) });
    }
    for (let at = 0; at < notifications.length; at += MAX_PER_MESSAGE) {
      this.#publish("notification", { notifications: notifications.slice(at, at + MAX_PER_MESSAGE) });
    }
  }

  #publish(kind: string, message: object): void {
    if (!this.#bus.isConnected) return;
    this.#bus.jetstream.publish(eventsSubject(kind), JSON.stringify(message)).catch((error: unknown) => {
      const { message: reason } = translateBusError(error, "publish events");
      this.#bus.logger.debug({ reason }, "live events are lost");
    });
  }
}
