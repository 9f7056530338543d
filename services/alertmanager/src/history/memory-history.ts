import type { Alert } from "../alerts/alert.ts";
import type { AlertRecord, History, HistoryQuery } from "./history.ts";
import type { AlertChange, NotificationRecord } from "./history-events.ts";

/** Events of each kind that are kept; the oldest go first. */
const KEPT = 10_000;

/** The latest events of this process alone, for an alertmanager without ClickHouse. */
export class MemoryHistory implements History {
  readonly #alerts = new Map<string, AlertRecord>();
  readonly #notifications: NotificationRecord[] = [];

  alertChanged(alert: Alert, change: AlertChange, atMs: number): void {
    const { fingerprint, labels, annotations, startsAtMs, generatorUrl } = alert;
    // A replica that begins to dispatch tells again what it finds.
    const key = `${fingerprint} ${change} ${atMs}`;
    if (this.#alerts.has(key)) return;
    this.#alerts.set(key, { atMs, change, fingerprint, labels, annotations, startsAtMs, generatorUrl });
    if (this.#alerts.size <= KEPT) return;
    for (const oldest of this.#alerts.keys()) {
      this.#alerts.delete(oldest);
      break;
    }
  }

  notified(record: NotificationRecord): void {
    this.#notifications.push(record);
    if (this.#notifications.length > 2 * KEPT) this.#notifications.splice(0, KEPT);
  }

  async alerts(query: HistoryQuery): Promise<readonly AlertRecord[]> {
    const { fingerprint } = query;
    const matching = [...this.#alerts.values()].filter(
      (record) => isWithin(record.atMs, query) && (fingerprint === undefined || record.fingerprint === fingerprint),
    );
    return newestOf(matching, query.limit);
  }

  async notifications(query: HistoryQuery): Promise<readonly NotificationRecord[]> {
    const { fingerprint, receiver } = query;
    const matching = this.#notifications.filter(
      (record) =>
        isWithin(record.atMs, query) &&
        (receiver === undefined || record.receiver === receiver) &&
        (fingerprint === undefined || record.firing.includes(fingerprint) || record.resolved.includes(fingerprint)),
    );
    return newestOf(matching, query.limit);
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

function isWithin(atMs: number, { fromMs, toMs }: HistoryQuery): boolean {
  return atMs >= fromMs && atMs <= toMs;
}

function newestOf<R extends { readonly atMs: number }>(records: readonly R[], limit: number): R[] {
  return records.toSorted((left, right) => right.atMs - left.atMs).slice(0, limit);
}
