import { Counter, Gauge, Histogram, type Registry } from "@monotreme/telemetry";

/** The instruments of one process' connection to the bus. */
export interface BusMetrics {
  readonly connected: Gauge;
  readonly reconnects: Counter;
  readonly publishedMessages: Counter;
  readonly publishedBytes: Counter;
  readonly publishRetries: Counter;
  readonly publishFailures: Counter<"reason">;
  readonly publishSeconds: Histogram;
  readonly pendingBytes: Gauge;
  readonly deadLetters: Counter<"stream">;
}

export function createBusMetrics(registry: Registry): BusMetrics {
  const registers = [registry];
  const metrics: BusMetrics = {
    connected: new Gauge({ name: "monotreme_bus_connected", help: "1 while NATS is connected.", registers }),
    reconnects: new Counter({ name: "monotreme_bus_reconnects_total", help: "Connections found again.", registers }),
    publishedMessages: new Counter({
      name: "monotreme_bus_published_messages_total",
      help: "Sample batches that JetStream acknowledged.",
      registers,
    }),
    publishedBytes: new Counter({
      name: "monotreme_bus_published_bytes_total",
      help: "Bytes of the sample batches that JetStream acknowledged.",
      registers,
    }),
    publishRetries: new Counter({
      name: "monotreme_bus_publish_retries_total",
      help: "Repeats of a publish whose answer did not come.",
      registers,
    }),
    publishFailures: new Counter({
      name: "monotreme_bus_publish_failures_total",
      help: "Sample batches given back to their sender as not accepted, by reason.",
      labelNames: ["reason"],
      registers,
    }),
    publishSeconds: new Histogram({
      name: "monotreme_bus_publish_duration_seconds",
      help: "Time until JetStream acknowledged a batch, repeats included.",
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
      registers,
    }),
    pendingBytes: new Gauge({
      name: "monotreme_bus_pending_bytes",
      help: "Bytes of sample batches that wait for their acknowledgement.",
      registers,
    }),
    deadLetters: new Counter({
      name: "monotreme_bus_dead_letters_total",
      help: "Messages that could not be read and went to the dead letters, by stream.",
      labelNames: ["stream"],
      registers,
    }),
  };
  for (const reason of ["BUS_FULL", "BUS_UNAVAILABLE", "BUS_REFUSED"]) metrics.publishFailures.inc({ reason }, 0);
  return metrics;
}
