import { LABEL_FAULTS } from "@monotreme/remote-write";
import { Counter, Gauge, Histogram, type Registry } from "@monotreme/telemetry";

/** How a write request ended. */
export const OUTCOMES = [
  "stored",
  "partial",
  "invalid",
  "unsupported",
  "unavailable",
  "overloaded",
  "aborted",
  "failed",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why samples of a request that was answered 204 are not stored. */
export const DROP_REASONS = [
  ...LABEL_FAULTS,
  "no_labels",
  "invalid_histogram",
  "invalid_exemplar",
  "invalid_series",
  "out_of_bounds",
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;

export interface ObservedState {
  bodyBytes(): number;
  cachedSeries(): number;
}

/** The instruments of the gateway; `state` is read when the metrics are collected. */
export function createGatewayMetrics(registry: Registry, state: ObservedState) {
  const registers = [registry];
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
  new Gauge({
    name: "monotreme_gateway_body_bytes",
    help: "Bytes of request bodies held at this moment.",
    registers,
    collect() {
      this.set(state.bodyBytes());
    },
  });
  new Gauge({
    name: "monotreme_gateway_cached_series",
    help: "Series whose ids are remembered.",
    registers,
    collect() {
      this.set(state.cachedSeries());
    },
  });
  const requests = new Counter({
    name: "monotreme_gateway_requests_total",
    help: "Remote write requests by how they ended.",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of OUTCOMES) requests.inc({ outcome }, 0);
  const droppedSamples = new Counter({
    name: "monotreme_gateway_dropped_samples_total",
    help: "Samples, histograms and exemplars of accepted requests that are not stored, by reason.",
    labelNames: ["reason"],
    registers,
  });
  for (const reason of DROP_REASONS) droppedSamples.inc({ reason }, 0);
  return {
    requests,
    droppedSamples,
    samples: counter("monotreme_gateway_samples_total", "Samples acknowledged to their senders."),
    histograms: counter("monotreme_gateway_histograms_total", "Native histograms acknowledged to their senders."),
    exemplars: counter("monotreme_gateway_exemplars_total", "Exemplars acknowledged to their senders."),
    receivedBytes: counter("monotreme_gateway_received_bytes_total", "Bytes of request bodies, compressed."),
    announcements: counter("monotreme_gateway_announcements_total", "Series announced for a day."),
    metadata: counter("monotreme_gateway_metadata_total", "Metric descriptions passed on."),
    cacheRotations: counter(
      "monotreme_gateway_series_cache_rotations_total",
      "Times the older half of the series cache was forgotten.",
    ),
    /** Upstream's name, because dashboards read it. */
    invalidLabelsSamples: counter(
      "prometheus_api_remote_write_invalid_labels_samples_total",
      "Samples dropped because of their series' labels.",
    ),
    decodeSeconds: new Histogram({
      name: "monotreme_gateway_decode_duration_seconds",
      help: "Processor time of one request: uncompress, decode and append.",
      buckets: [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1],
      registers,
    }),
  };
}
