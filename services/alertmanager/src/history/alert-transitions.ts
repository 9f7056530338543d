import type { CancelTimer, Clock } from "@monotreme/clock";
import { type Alert, isResolvedAt } from "../alerts/alert.ts";
import type { AlertListener, AlertStore } from "../alerts/alert-store.ts";
import type { HistoryEvents } from "./history-events.ts";

const SWEEP_MS = 5000;
/** What began that long ago the replica before this one has told. */
const RECENT_MS = 10 * 60_000;

/**
 * Tells the history when alerts start and end; those that end because nobody sends them any more within seconds of it.
 * Begins with what is recent or resolved, in case nobody told it: the history knows repeats by alert and start.
 */
export class AlertTransitions implements AlertListener {
  readonly #alerts: AlertStore;
  readonly #clock: Clock;
  readonly #history: HistoryEvents;
  /** Alerts that were told to be firing, with the start that was told. */
  readonly #firing = new Map<string, number>();
  readonly #unsubscribe: () => void;
  #cancelSweep: CancelTimer;

  constructor(alerts: AlertStore, clock: Clock, history: HistoryEvents) {
    this.#alerts = alerts;
    this.#clock = clock;
    this.#history = history;
    const oldestMs = clock.now() - RECENT_MS;
    for (const alert of alerts.values()) {
      if (alert.startsAtMs >= oldestMs || isResolvedAt(alert, clock.now())) this.onAlert(alert);
      else this.#firing.set(alert.fingerprint, alert.startsAtMs);
    }
    this.#unsubscribe = alerts.subscribe(this);
    this.#cancelSweep = clock.after(SWEEP_MS, () => this.#onSweep());
  }

  onAlert(alert: Alert, previous?: Alert): void {
    const toldStartMs = this.#firing.get(alert.fingerprint);
    if (isResolvedAt(alert, this.#clock.now())) {
      this.#firing.delete(alert.fingerprint);
      const isNews = toldStartMs !== undefined || previous === undefined;
      if (isNews) this.#history.alertChanged(alert, "resolved", alert.endsAtMs);
    } else if (toldStartMs !== alert.startsAtMs) {
      this.#firing.set(alert.fingerprint, alert.startsAtMs);
      this.#history.alertChanged(alert, "firing", alert.startsAtMs);
    }
  }

  onRemoved(alert: Alert): void {
    this.#firing.delete(alert.fingerprint);
  }

  close(): void {
    this.#unsubscribe();
    this.#cancelSweep();
  }

  #onSweep(): void {
    for (const fingerprint of this.#firing.keys()) {
      const alert = this.#alerts.get(fingerprint);
      if (alert !== undefined) this.onAlert(alert, alert);
    }
    this.#cancelSweep = this.#clock.after(SWEEP_MS, () => this.#onSweep());
  }
}
