import type { SampleAppend, SampleSink } from "@monotreme/bus";
import type { Labels, MetricMetadata } from "@monotreme/model";

export interface RecordedSample {
  readonly partition: number;
  readonly seriesId: string;
  readonly timestampMs: number;
  readonly value: number;
}

/** A sample writer for tests: keeps what is appended and settles commits when the test says so. */
export class RecordingWriter implements SampleSink {
  readonly tenants: string[] = [];
  readonly samples: RecordedSample[] = [];
  readonly announced: { readonly day: number; readonly labels: Labels; readonly seriesId: string }[] = [];
  readonly metadata: MetricMetadata[] = [];
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
