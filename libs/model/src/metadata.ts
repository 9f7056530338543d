/** The metric types of OpenMetrics and the Prometheus text format, as the metadata API names them. */
export const METRIC_TYPES = [
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
  "unknown",
] as const;

export type MetricType = (typeof METRIC_TYPES)[number];

/** What an exposition says of a metric family. */
export interface MetricMetadata {
  readonly metric: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}
