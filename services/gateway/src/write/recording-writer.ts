import type { SampleAppend, SampleSink } from "@monotreme/bus";
import type { BatchExemplar } from "@monotreme/contracts";
import type { Labels, MetricMetadata, NativeHistogram } from "@monotreme/model";

export interface RecordedSample {
  readonly partition: number;
  readonly seriesId: string;
  readonly timestampMs: number;
  readonly value: number;
}

export interface RecordedHistogram {
  readonly partition: number;
  readonly seriesId: string;
  readonly timestampMs: number;
  readonly histogram: NativeHistogram;
}

/** A sample writer for tests: keeps what is appended and settles commits when the test says so. */
export class RecordingWriter implements SampleSink {
  readonly tenants: string[] = [];
  readonly samples: RecordedSample[] = [];
  readonly announced: { readonly day: number; readonly labels: Labels; readonly seriesId: string }[] = [];
  readonly metadata: MetricMetadata[] = [];
  readonly histograms: RecordedHistogram[] = [];
  readonly starts: { readonly seriesId: string; readonly timestampMs: number; readonly startMs: number }[] = [];
  readonly exemplars: BatchExemplar[] = [];
  /** Thrown by `begin` or `commit` where set. */
  beginFault: Error | undefined;
  commitFault: Error | undefined;
  #onDurable: (() => void)[] = [];

  begin(tenant: string): SampleAppend {
    if (this.beginFault !== undefined) throw this.beginFault;
    this.tenants.push(tenant);
    return {
      addSample: (partition, _metricLow, _metricHigh, low, high, timestampMs, valueLow, valueHigh) => {
        const value = new Float64Array(Uint32Array.of(valueLow, valueHigh).buffer)[0] ?? 0;
        this.samples.push({ partition, seriesId: `${high}:${low}`, timestampMs, value });
      },
      announce: (_partition, _metricLow, _metricHigh, low, high, day, labels, onDurable) => {
        this.announced.push({ day, labels, seriesId: `${high}:${low}` });
        this.#onDurable.push(onDurable);
      },
      addHistogram: (partition, _metricLow, _metricHigh, low, high, timestampMs, histogram) => {
        this.histograms.push({ partition, seriesId: `${high}:${low}`, timestampMs, histogram });
      },
      addStart: (_partition, _metricLow, _metricHigh, low, high, timestampMs, startMs) => {
        this.starts.push({ seriesId: `${high}:${low}`, timestampMs, startMs });
      },
      addExemplar: (_partition, exemplar) => this.exemplars.push(exemplar),
      addMetadata: (metadata) => this.metadata.push(metadata),
      commit: async () => {
        const onDurable = this.#onDurable;
        this.#onDurable = [];
        if (this.commitFault !== undefined) throw this.commitFault;
        for (const callback of onDurable) callback();
      },
    };
  }
}
