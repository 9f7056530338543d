import type { Clock } from "@monotreme/clock";
import { LogView } from "./log-view.ts";
import type { LogEntry, NotificationLog, VersionedLogEntry } from "./notification-log.ts";

/** The notification log of one process without a bucket, for units: same rules, nothing survives. */
export class MemoryNotificationLog implements NotificationLog {
  readonly #clock: Clock;
  readonly #view = new LogView();
  #revision = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(id: string): VersionedLogEntry | undefined {
    const entry = this.#view.get(id);
    return entry !== undefined && entry.expiresAtMs > this.#clock.now() ? entry : undefined;
  }

  async refresh(id: string): Promise<VersionedLogEntry | undefined> {
    return this.#view.get(id);
  }

  async write(id: string, entry: LogEntry, revision: number): Promise<VersionedLogEntry | undefined> {
    if ((this.#view.get(id)?.revision ?? 0) !== revision) return undefined;
    const written = { ...entry, revision: ++this.#revision };
    this.#view.apply(id, written);
    return written;
  }

  subscribe(onChange: (id: string, entry: VersionedLogEntry) => void): () => void {
    return this.#view.subscribe(onChange);
  }
}
