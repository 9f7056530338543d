import type { Labels, MetricMetadata } from "@monotreme/model";

/** Takes one scrape's samples towards the store; the bus' sample writer is one. See there for each promise. */
export interface SampleAppend {
  addSample(
    partition: number,
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    timestampMs: number,
    valueLow: number,
    valueHigh: number,
  ): void;
  announce(
    partition: number,
    metricIdLow: number,
    metricIdHigh: number,
    seriesIdLow: number,
    seriesIdHigh: number,
    day: number,
    labels: Labels,
    onDurable: () => void,
  ): void;
  addMetadata(metadata: MetricMetadata): void;
  commit(): Promise<void>;
}

export interface SampleSink {
  begin(tenant: string): SampleAppend;
}
