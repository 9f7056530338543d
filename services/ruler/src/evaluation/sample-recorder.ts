import type { SampleAppend, SampleSink } from "@monotreme/bus";
import {
  type Labels,
  METRIC_NAME,
  type NativeHistogram,
  NORMAL_NAN_HIGH,
  NORMAL_NAN_LOW,
  type SeriesHasher,
  STALE_NAN_HIGH,
  STALE_NAN_LOW,
} from "@monotreme/model";

const DAY_MS = 86_400_000;
const MASK = 0xffffffffn;

/** A series that rules write, with its ids. */
export interface RecordedSeries {
  readonly labels: Labels;
  readonly partition: number;
  /** Metric id and series id, low word first. */
  readonly ids: readonly [number, number, number, number];
  /** The day for which it was named last, and that is durable. */
  announcedDay: number;
}

export interface SampleRecorderOptions {
  readonly sink: SampleSink;
  readonly tenant: string;
  readonly hasher: SeriesHasher;
  readonly partitionOf: (labels: Labels) => number;
}

/** Writes what rules record into the sample stream of one tenant. */
export class SampleRecorder {
  readonly #options: SampleRecorderOptions;
  readonly #bits = new DataView(new ArrayBuffer(8));

  constructor(options: SampleRecorderOptions) {
    this.#options = options;
  }

  seriesOf(labels: Labels): RecordedSeries {
    const { hasher, tenant, partitionOf } = this.#options;
    const metricId = hasher.metricId(tenant, labels.get(METRIC_NAME));
    const seriesId = hasher.seriesId(tenant, labels);
    const ids = [metricId, seriesId].flatMap((id) => [Number(id & MASK), Number(id >> 32n)]);
    const [metricLow = 0, metricHigh = 0, seriesLow = 0, seriesHigh = 0] = ids;
    return {
      labels,
      partition: partitionOf(labels),
      ids: [metricLow, metricHigh, seriesLow, seriesHigh],
      announcedDay: Number.NEGATIVE_INFINITY,
    };
  }

  /** Throws `BUS_FULL` while too much waits for NATS. */
  begin(): RecordingAppend {
    return new RecordingAppend(this.#options.sink.begin(this.#options.tenant), this.#bits);
  }
}

/** Samples of one rule on their way; fill without awaiting, then commit. */
export class RecordingAppend {
  readonly #append: SampleAppend;
  readonly #bits: DataView;

  constructor(append: SampleAppend, bits: DataView) {
    this.#append = append;
    this.#bits = bits;
  }

  add(series: RecordedSeries, timestampMs: number, value: number | "stale", histogram?: NativeHistogram): void {
    this.#announce(series, timestampMs);
    const { partition, ids } = series;
    if (histogram !== undefined) this.#append.addHistogram(partition, ...ids, timestampMs, histogram);
    else this.#append.addSample(partition, ...ids, timestampMs, ...this.#wordsOf(value));
  }

  /** Resolves when everything is durable. */
  async commit(): Promise<void> {
    await this.#append.commit();
  }

  #announce(series: RecordedSeries, timestampMs: number): void {
    const day = Math.floor(timestampMs / DAY_MS);
    if (series.announcedDay >= day) return;
    this.#append.announce(series.partition, ...series.ids, day, series.labels, () => {
      series.announcedDay = Math.max(series.announcedDay, day);
    });
  }

  #wordsOf(value: number | "stale"): readonly [number, number] {
    if (value === "stale") return [STALE_NAN_LOW, STALE_NAN_HIGH];
    if (Number.isNaN(value)) return [NORMAL_NAN_LOW, NORMAL_NAN_HIGH];
    this.#bits.setFloat64(0, value, true);
    return [this.#bits.getUint32(0, true), this.#bits.getUint32(4, true)];
  }
}
