import type { BucketEntry, VersionedBucket } from "@monotreme/bus";
import { type ChannelRecord, decodeChannelRecord, encodeChannelRecord } from "./notice.ts";

interface Versioned {
  readonly record: ChannelRecord;
  readonly revision: number;
}

/** What channels are to be told, in memory and in its bucket, which is the truth. One entry for each check and channel. */
export class ChannelRecords {
  readonly #bucket: VersionedBucket;
  readonly #records = new Map<string, Versioned>();

  constructor(bucket: VersionedBucket) {
    this.#bucket = bucket;
  }

  /** Resolves when every record is loaded. */
  async start(): Promise<void> {
    await this.#bucket.follow((entry) => this.#accept(entry));
  }

  async close(): Promise<void> {
    await this.#bucket.close();
  }

  get(key: string): ChannelRecord | undefined {
    return this.#records.get(key)?.record;
  }

  *all(): Generator<[key: string, record: ChannelRecord]> {
    for (const [key, { record }] of this.#records) yield [key, record];
  }

  /** Writes what `change` makes of the record; called again where somebody else was quicker. Undefined leaves it. */
  async update(key: string, change: (record: ChannelRecord | undefined) => ChannelRecord | undefined): Promise<void> {
    for (;;) {
      const current = this.#records.get(key);
      const next = change(current?.record);
      if (next === undefined) return;
      const revision = await this.#bucket.put(key, encodeChannelRecord(next), current?.revision ?? 0);
      if (revision !== undefined) {
        this.#keep(key, next, revision);
        return;
      }
      await this.refresh(key);
    }
  }

  /** Takes what stands in the bucket now; a replica may have written it a moment ago. */
  async refresh(key: string): Promise<void> {
    const entry = await this.#bucket.get(key);
    if (entry === undefined) this.#records.delete(key);
    else this.#accept(entry);
  }

  async remove(key: string): Promise<void> {
    await this.#bucket.remove(key);
    this.#records.delete(key);
  }

  #accept({ key, value, revision }: BucketEntry): void {
    if ((this.#records.get(key)?.revision ?? 0) >= revision) return;
    if (value === undefined) this.#records.delete(key);
    else this.#keep(key, decodeChannelRecord(value), revision);
  }

  #keep(key: string, record: ChannelRecord, revision: number): void {
    if ((this.#records.get(key)?.revision ?? 0) < revision) this.#records.set(key, { record, revision });
  }
}
