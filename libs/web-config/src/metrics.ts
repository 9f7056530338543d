import { Counter, Gauge, type Registry } from "@monotreme/telemetry";

/** What is counted where a web configuration is given. */
export interface WebConfigMetrics {
  readonly reloadSuccessful: Gauge;
  readonly refusedRequests: Counter<"reason">;
  readonly refusedConnections: Counter;
}

export function createWebConfigMetrics(registry: Registry): WebConfigMetrics {
  const registers = [registry];
  const refusedRequests = new Counter({
    name: "monotreme_web_requests_refused_total",
    help: "Requests without right credentials (denied), or refused because too many passwords waited to be checked (busy).",
    labelNames: ["reason"],
    registers,
  });
  for (const reason of ["denied", "busy"] as const) refusedRequests.inc({ reason }, 0);
  return {
    reloadSuccessful: new Gauge({
      name: "monotreme_web_config_last_reload_successful",
      help: "Whether the web configuration and its certificates could be used when they were last read.",
      registers,
    }),
    refusedRequests,
    refusedConnections: new Counter({
      name: "monotreme_web_connections_refused_total",
      help: "TLS connections closed after their handshake because of the client's certificate.",
      registers,
    }),
  };
}
