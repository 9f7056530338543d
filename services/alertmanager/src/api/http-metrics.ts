import { Counter, Gauge, Histogram, type Registry } from "@monotreme/telemetry";

/** The instruments of the API. */
export interface HttpMetrics {
  readonly seconds: Histogram<"handler" | "method" | "code">;
  readonly responseBytes: Histogram<"handler" | "method">;
  readonly inFlight: Gauge<"method">;
  readonly limitExceeded: Counter<"method">;
}

export function createHttpMetrics(registry: Registry): HttpMetrics {
  const registers = [registry];
  const metrics: HttpMetrics = {
    seconds: new Histogram({
      name: "alertmanager_http_request_duration_seconds",
      help: "Time to answer an HTTP request.",
      labelNames: ["handler", "method", "code"],
      buckets: [0.05, 0.1, 0.25, 0.5, 0.75, 1, 2, 5, 20, 60],
      registers,
    }),
    responseBytes: new Histogram({
      name: "alertmanager_http_response_size_bytes",
      help: "Size of answers to HTTP requests.",
      labelNames: ["handler", "method"],
      buckets: [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000],
      registers,
    }),
    inFlight: new Gauge({
      name: "alertmanager_http_requests_in_flight",
      help: "HTTP requests being answered.",
      labelNames: ["method"],
      registers,
    }),
    limitExceeded: new Counter({
      name: "alertmanager_http_concurrency_limit_exceeded_total",
      help: "HTTP requests refused because too many were being answered.",
      labelNames: ["method"],
      registers,
    }),
  };
  metrics.inFlight.set({ method: "get" }, 0);
  metrics.limitExceeded.inc({ method: "get" }, 0);
  return metrics;
}
