import type { SampleAppend } from "@monotreme/bus";
import type { ScrapedStart } from "@monotreme/exposition";
import type { Labels, MetricMetadata, NativeHistogram } from "@monotreme/model";
import { SampleCursor } from "./sample-cursor.ts";
import type { SeriesTable } from "./series-table.ts";

/** Words of one sample: metric id, series id and value (two each), partition. */
const STRIDE = 7;
const INITIAL_CAPACITY = 64;

/** Knows the labels of the series in a batch, as long as the target still shows them. */
export interface LabelSource {
  /** The series' labels, or undefined where the slot stands for another series by now. */
  labelsFor(slot: number, seriesIdLow: number, seriesIdHigh: number): Labels | undefined;
  /** The series' labels are durable for the day; the slot may stand for another series by now. */
  markAnnounced(slot: number, seriesIdLow: number, seriesIdHigh: number, day: number): void;
}

interface Announcement {
  readonly source: LabelSource;
  readonly slot: number;
  readonly day: number;
  /** The sample in this batch that needs it. */
  readonly sample: number;
}

/** An exemplar of a sample in the batch. */
export interface BatchedExemplar {
  readonly sample: number;
  readonly timestampMs: number;
  readonly value: number;
  readonly labels: Labels;
}

/**
 * The samples of one scrape as columns, kept until they are durable so that a failed publish can be repeated. Memory:
 * 36 bytes a sample, only while it is on its way; native histograms and exemplars stay what the parser made of them.
 */
export class ScrapeBatch {
  #words = new Uint32Array(INITIAL_CAPACITY * STRIDE);
  #timestamps = new Float64Array(INITIAL_CAPACITY);
  #count = 0;
  #announcements: Announcement[] = [];
  #metadata: readonly MetricMetadata[] = [];
  /** In the order of their samples, as are the exemplars. */
  #histograms: { readonly sample: number; readonly histogram: NativeHistogram }[] = [];
  #exemplars: BatchedExemplar[] = [];
  #starts: ScrapedStart[] = [];

  get sampleCount(): number {
    return this.#count;
  }

  /** Adds a sample of a series of the table and returns its position. */
  addSample(table: SeriesTable, slot: number, timestampMs: number, valueLow: number, valueHigh: number): number {
    const sample = this.#count++;
    if (sample === this.#timestamps.length) this.#grow();
    const at = sample * STRIDE;
    const words = this.#words;
    words[at] = table.metricIdLow[slot] ?? 0;
    words[at + 1] = table.metricIdHigh[slot] ?? 0;
    words[at + 2] = table.seriesIdLow[slot] ?? 0;
    words[at + 3] = table.seriesIdHigh[slot] ?? 0;
    words[at + 4] = valueLow;
    words[at + 5] = valueHigh;
    words[at + 6] = table.partitions[slot] ?? 0;
    this.#timestamps[sample] = timestampMs;
    return sample;
  }

  /** The sample added last is that histogram. */
  setHistogram(sample: number, histogram: NativeHistogram): void {
    this.#histograms.push({ sample, histogram });
  }

  /** When the counting of that sample began. */
  setStart(sample: number, startMs: number): void {
    this.#starts.push({ sample, startMs });
  }

  addExemplar(exemplar: BatchedExemplar): void {
    this.#exemplars.push(exemplar);
  }

  /** The series of a sample has to be named for a day with this batch. */
  announce(source: LabelSource, slot: number, day: number, sample: number): void {
    this.#announcements.push({ source, slot, day, sample });
  }

  setMetadata(metadata: readonly MetricMetadata[]): void {
    this.#metadata = metadata;
  }

  /**
   * Writes everything into an append and returns how many samples had to be left out because their series ended before
   * its labels were durable: without labels nobody could find them.
   */
  writeTo(append: SampleAppend): number {
    const nameless = this.#writeAnnouncements(append);
    const words = this.#words;
    const histograms = SampleCursor.over(this.#histograms);
    for (let sample = 0; sample < this.#count; sample++) {
      if (nameless !== undefined && nameless.has(sample)) continue;
      const at = sample * STRIDE;
      const histogram = histograms?.at(sample)?.histogram;
      if (histogram !== undefined) {
        append.addHistogram(...this.#idsOf(sample), this.#timestamps[sample] as number, histogram);
        continue;
      }
      append.addSample(
        words[at + 6] as number,
        words[at] as number,
        words[at + 1] as number,
        words[at + 2] as number,
        words[at + 3] as number,
        this.#timestamps[sample] as number,
        words[at + 4] as number,
        words[at + 5] as number,
      );
    }
    for (const exemplar of this.#exemplars) if (nameless?.has(exemplar.sample) !== true) this.#write(exemplar, append);
    for (const { sample, startMs } of this.#starts) {
      if (nameless?.has(sample) === true) continue;
      append.addStart(...this.#idsOf(sample), this.#timestamps[sample] as number, startMs);
    }
    for (const metadata of this.#metadata) append.addMetadata(metadata);
    return nameless?.size ?? 0;
  }

  clear(): void {
    this.#count = 0;
    this.#announcements = [];
    this.#metadata = [];
    this.#histograms = [];
    this.#exemplars = [];
    this.#starts = [];
  }

  /** Bytes of the columns, for the pool's bound. */
  get capacityBytes(): number {
    return this.#words.byteLength + this.#timestamps.byteLength;
  }

  #write({ sample, timestampMs, value, labels }: BatchedExemplar, append: SampleAppend): void {
    const [partition, metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh] = this.#idsOf(sample);
    append.addExemplar(partition, { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, timestampMs, value, labels });
  }

  #idsOf(sample: number): [partition: number, metricLow: number, metricHigh: number, low: number, high: number] {
    const words = this.#words;
    const at = sample * STRIDE;
    return [words[at + 6] ?? 0, words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0];
  }

  #writeAnnouncements(append: SampleAppend): Set<number> | undefined {
    let nameless: Set<number> | undefined;
    const words = this.#words;
    for (const { source, slot, day, sample } of this.#announcements) {
      const at = sample * STRIDE;
      const seriesIdLow = words[at + 2] as number;
      const seriesIdHigh = words[at + 3] as number;
      const labels = source.labelsFor(slot, seriesIdLow, seriesIdHigh);
      if (labels === undefined) {
        nameless ??= new Set();
        nameless.add(sample);
        continue;
      }
      const onDurable = (): void => source.markAnnounced(slot, seriesIdLow, seriesIdHigh, day);
      append.announce(
        words[at + 6] as number,
        words[at] as number,
        words[at + 1] as number,
        seriesIdLow,
        seriesIdHigh,
        day,
        labels,
        onDurable,
      );
    }
    return nameless;
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
    const timestamps = new Float64Array(this.#timestamps.length * 2);
    timestamps.set(this.#timestamps);
    this.#timestamps = timestamps;
  }
}

/** Keeps emptied batches for the next scrapes, up to a few megabytes; what is above is left to the collector. */
export class BatchPool {
  readonly #maxBytes: number;
  readonly #free: ScrapeBatch[] = [];
  #bytes = 0;

  constructor(maxBytes = 8 * 1024 * 1024) {
    this.#maxBytes = maxBytes;
  }

  take(): ScrapeBatch {
    const batch = this.#free.pop();
    if (batch === undefined) return new ScrapeBatch();
    this.#bytes -= batch.capacityBytes;
    return batch;
  }

  give(batch: ScrapeBatch): void {
    batch.clear();
    if (this.#bytes + batch.capacityBytes > this.#maxBytes) return;
    this.#bytes += batch.capacityBytes;
    this.#free.push(batch);
  }
}
