import type { Labels, MetricMetadata } from "@monotreme/model";
import { writeAnnouncement, writeMetadata } from "./announcement-codec.ts";
import { ByteWriter } from "./byte-writer.ts";
import { encodeSampleBatch } from "./sample-batch.ts";

const TWO_TO_32 = 0x1_0000_0000;

/**
 * Collects samples of one tenant as columns and lays them out as one message. The columns grow as needed; the owner
 * watches `sizeBytes` and encodes before the message limit of the bus. Reusable after `clear()`.
 */
export class SampleBatchBuilder {
  #tenant: string;
  #capacity: number;
  #count = 0;
  #metricIds: Uint32Array;
  #seriesIds: Uint32Array;
  #timestamps: Uint32Array;
  #values: Uint32Array;
  #minTimestampMs = Infinity;
  #maxTimestampMs = -Infinity;
  readonly #announcements = new ByteWriter();
  #announcementCount = 0;
  readonly #metadata = new ByteWriter();
  #metadataCount = 0;

  constructor(tenant: string, initialCapacity = 4096) {
    this.#tenant = tenant;
    this.#capacity = initialCapacity;
    this.#metricIds = new Uint32Array(initialCapacity * 2);
    this.#seriesIds = new Uint32Array(initialCapacity * 2);
    this.#timestamps = new Uint32Array(initialCapacity * 2);
    this.#values = new Uint32Array(initialCapacity * 2);
  }

  get sampleCount(): number {
    return this.#count;
  }

  get isEmpty(): boolean {
    return this.#count === 0 && this.#announcementCount === 0 && this.#metadataCount === 0;
  }

  /** About the length of the encoded message. */
  get sizeBytes(): number {
    return this.#count * 32 + this.#announcements.length + this.#metadata.length + 256;
  }

  /** `timestampMs` is a whole number of epoch ms; the value comes as the two words of its float64 bits. */
  addSample(
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    timestampMs: number,
    valueLow: number,
    valueHigh: number,
  ): void {
    if (this.#count === this.#capacity) this.#grow();
    const at = this.#count * 2;
    this.#metricIds[at] = metricIdLow;
    this.#metricIds[at + 1] = metricIdHigh;
    this.#seriesIds[at] = seriesIdLow;
    this.#seriesIds[at + 1] = seriesIdHigh;
    // Two's complement of a 53-bit integer: the floor of the quotient is the signed high word.
    const high = Math.floor(timestampMs / TWO_TO_32);
    this.#timestamps[at] = timestampMs - high * TWO_TO_32;
    this.#timestamps[at + 1] = high;
    this.#values[at] = valueLow;
    this.#values[at + 1] = valueHigh;
    this.#count++;
    if (timestampMs < this.#minTimestampMs) this.#minTimestampMs = timestampMs;
    if (timestampMs > this.#maxTimestampMs) this.#maxTimestampMs = timestampMs;
  }

  /** Names a series for one day; see `SeriesAnnouncement`. */
  announce(
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    day: number,
    labels: Labels,
  ): void {
    writeAnnouncement(this.#announcements, { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, day, labels });
    this.#announcementCount++;
  }

  addMetadata(metadata: MetricMetadata): void {
    writeMetadata(this.#metadata, metadata);
    this.#metadataCount++;
  }

  /** The message, as a copy: the builder may be cleared and used again at once. */
  encode(): Uint8Array {
    const words = this.#count * 2;
    return encodeSampleBatch({
      tenant: this.#tenant,
      minTimestampMs: this.#count === 0 ? 0 : this.#minTimestampMs,
      maxTimestampMs: this.#count === 0 ? 0 : this.#maxTimestampMs,
      metricIds: this.#metricIds.subarray(0, words),
      seriesIds: this.#seriesIds.subarray(0, words),
      timestamps: this.#timestamps.subarray(0, words),
      values: this.#values.subarray(0, words),
      announcements: this.#announcements.toBytes(),
      announcementCount: this.#announcementCount,
      metadata: this.#metadata.toBytes(),
      metadataCount: this.#metadataCount,
    });
  }

  /** Empties the builder for another batch; its columns keep their size. */
  reuseFor(tenant: string): void {
    this.clear();
    this.#tenant = tenant;
  }

  clear(): void {
    this.#count = 0;
    this.#minTimestampMs = Infinity;
    this.#maxTimestampMs = -Infinity;
    this.#announcements.clear();
    this.#announcementCount = 0;
    this.#metadata.clear();
    this.#metadataCount = 0;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#metricIds = grown(this.#metricIds);
    this.#seriesIds = grown(this.#seriesIds);
    this.#timestamps = grown(this.#timestamps);
    this.#values = grown(this.#values);
  }
}

function grown(column: Uint32Array): Uint32Array {
  const larger = new Uint32Array(column.length * 2);
  larger.set(column);
  return larger;
}
