import type { BucketEntry, VersionedBucket } from "@monotreme/bus";
import { createSilentLogger } from "@monotreme/telemetry";
import type { SilenceRequest } from "./silence.ts";
import type { TokenBucket } from "./token-bucket.ts";
import { type SilenceChange, SilenceStore, type SilenceStoreOptions } from "./silence-store.ts";

/** A bucket in memory with the semantics of the real one, for units. */
export class MemorySilenceBucket implements VersionedBucket {
  readonly entries = new Map<string, BucketEntry>();
  readonly #followers: ((entry: BucketEntry) => void)[] = [];
  #revision = 0;
  /** Called before each write, to let another replica be faster. */
  beforePut: (() => Promise<void>) | undefined;

  async follow(onEntry: (entry: BucketEntry) => void): Promise<void> {
    for (const entry of this.entries.values()) onEntry(entry);
    this.#followers.push(onEntry);
  }

  async put(key: string, value: Uint8Array, lastRevision: number): Promise<number | undefined> {
    const before = this.beforePut;
    this.beforePut = undefined;
    await before?.();
    if ((this.entries.get(key)?.revision ?? 0) !== lastRevision) return undefined;
    const entry = { key, value, revision: ++this.#revision };
    this.entries.set(key, entry);
    for (const follower of this.#followers) follower(entry);
    return entry.revision;
  }

  async get(key: string): Promise<BucketEntry | undefined> {
    return this.entries.get(key);
  }

  async remove(key: string): Promise<void> {
    this.entries.delete(key);
  }

  async close(): Promise<void> {
    this.#followers.length = 0;
  }
}

/** Tokens in memory, for units. */
export class MemoryTokenBucket implements TokenBucket {
  readonly values = new Map<string, string>();

  async put(key: string, value: string): Promise<void> {
    this.values.set(key, value);
  }

  async take(key: string): Promise<string | undefined> {
    const value = this.values.get(key);
    this.values.delete(key);
    return value;
  }
}

/** A store over a bucket in memory, on a clock that the test sets. */
export class SilenceFixture {
  readonly bucket = new MemorySilenceBucket();
  readonly changes: SilenceChange[] = [];
  nowMs = Date.UTC(2026, 0, 1);
  #ids = 0;

  async open(options: Partial<SilenceStoreOptions> = {}): Promise<SilenceStore> {
    return SilenceStore.open({
      bucket: this.bucket,
      now: () => this.nowMs,
      logger: createSilentLogger(),
      retentionMs: 120 * 3_600_000,
      maxSilences: 0,
      maxSilenceSizeBytes: 0,
      onChange: (change) => this.changes.push(change),
      newId: () => `00000000-0000-4000-8000-${String(++this.#ids).padStart(12, "0")}`,
      ...options,
    });
  }

  /** A request for an hour from now on, for `alertname="A"`. */
  request(changes: Partial<SilenceRequest> = {}): SilenceRequest {
    return {
      matchers: [{ name: "alertname", value: "A", isRegex: false, isEqual: true }],
      startsAtMs: this.nowMs,
      endsAtMs: this.nowMs + 3_600_000,
      createdBy: "operator",
      comment: "maintenance",
      annotations: {},
      ...changes,
    };
  }
}
