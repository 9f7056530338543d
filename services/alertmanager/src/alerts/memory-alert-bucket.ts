import type { AlertBucket, AlertEntry } from "./alert-bucket.ts";

/** A bucket in memory that several stores can share, for units. */
export class MemoryAlertBucket implements AlertBucket {
  readonly values = new Map<string, string>();
  readonly #followers = new Set<(entry: AlertEntry) => void>();
  /** Called before each write; what it throws the write throws. */
  beforePut: (fingerprint: string) => Promise<void> = async () => undefined;

  async follow(onEntry: (entry: AlertEntry) => void): Promise<void> {
    for (const [fingerprint, value] of this.values) onEntry({ fingerprint, value: bytesOf(value) });
    this.#followers.add(onEntry);
  }

  async put(fingerprint: string, value: string): Promise<void> {
    await this.beforePut(fingerprint);
    this.values.set(fingerprint, value);
    for (const follower of this.#followers) follower({ fingerprint, value: bytesOf(value) });
  }

  async remove(fingerprint: string): Promise<void> {
    this.values.delete(fingerprint);
    for (const follower of this.#followers) follower({ fingerprint, value: undefined });
  }

  async close(): Promise<void> {
    // The stores that share it go on.
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
