import type { Labels, MetricMetadata, NativeHistogram } from "@monotreme/model";
import { writeAnnouncement, writeMetadata } from "./announcement-codec.ts";
import { ByteWriter } from "./byte-writer.ts";
import { type BatchExemplar, writeExemplar } from "./exemplar-codec.ts";
import { HistogramSectionWriter } from "./histogram-section.ts";
import { encodeSampleBatch } from "./sample-batch.ts";
import { StartSectionWriter } from "./start-section.ts";

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
  readonly #histograms = new HistogramSectionWriter();
  readonly #starts = new StartSectionWriter();
  readonly #exemplars = new ByteWriter();
  #exemplarCount = 0;

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
    const { count } = this.#histograms;
    return this.#count + this.#announcementCount + this.#metadataCount + count + this.#exemplarCount === 0;
  }

  /** About the length of the encoded message. */
  get sizeBytes(): number {
    const columns = this.#count * 32 + this.#histograms.sizeBytes + this.#starts.sizeBytes;
    return columns + this.#announcements.length + this.#metadata.length + this.#exemplars.length + 256;
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

  /** A native histogram; a staleness marker is a sample instead. Its NaNs may lose their payload. */
  addHistogram(
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    timestampMs: number,
    histogram: NativeHistogram,
  ): void {
    this.#histograms.add(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, timestampMs, histogram);
    if (timestampMs < this.#minTimestampMs) this.#minTimestampMs = timestampMs;
    if (timestampMs > this.#maxTimestampMs) this.#maxTimestampMs = timestampMs;
  }

  /** When the counting of the series' sample or histogram of that time began, both in whole epoch ms. */
  addStart(
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    timestampMs: number,
    startMs: number,
  ): void {
    this.#starts.add(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, timestampMs, startMs);
  }

  addExemplar(exemplar: BatchExemplar): void {
    writeExemplar(this.#exemplars, exemplar);
    this.#exemplarCount++;
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
    const hasTimes = this.#minTimestampMs <= this.#maxTimestampMs;
    return encodeSampleBatch({
      tenant: this.#tenant,
      minTimestampMs: hasTimes ? this.#minTimestampMs : 0,
      maxTimestampMs: hasTimes ? this.#maxTimestampMs : 0,
      metricIds: this.#metricIds.subarray(0, words),
      seriesIds: this.#seriesIds.subarray(0, words),
      timestamps: this.#timestamps.subarray(0, words),
      values: this.#values.subarray(0, words),
      announcements: this.#announcements.toBytes(),
      announcementCount: this.#announcementCount,
      metadata: this.#metadata.toBytes(),
      metadataCount: this.#metadataCount,
      exemplars: this.#exemplars.toBytes(),
      exemplarCount: this.#exemplarCount,
      ...(this.#histograms.count > 0 && {
        histograms: { count: this.#histograms.count, bytes: this.#histograms.toBytes() },
      }),
      ...(this.#starts.count > 0 && { starts: { count: this.#starts.count, bytes: this.#starts.toBytes() } }),
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
    this.#histograms.clear();
    this.#starts.clear();
    this.#exemplars.clear();
    this.#exemplarCount = 0;
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
