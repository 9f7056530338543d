import type { VersionedLogEntry } from "./notification-log.ts";

type LogListener = (id: string, entry: VersionedLogEntry) => void;

/** What a process knows of the notification log: the newest revision of each entry that it has seen. */
export class LogView {
  readonly #entries = new Map<string, VersionedLogEntry>();
  readonly #listeners = new Set<LogListener>();

  get(id: string): VersionedLogEntry | undefined {
    return this.#entries.get(id);
  }

  entries(): IterableIterator<[string, VersionedLogEntry]> {
    return this.#entries.entries();
  }

  /** Takes an entry in unless a newer one is known. */
  apply(id: string, entry: VersionedLogEntry): void {
    const known = this.#entries.get(id);
    if (known !== undefined && known.revision >= entry.revision) return;
    this.#entries.set(id, entry);
    for (const listener of this.#listeners) listener(id, entry);
  }

  delete(id: string): void {
    this.#entries.delete(id);
  }

  subscribe(listener: LogListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
