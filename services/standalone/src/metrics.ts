import { Counter, type Registry } from "@monotreme/telemetry";

/** What standalone counts of the servers beside it. */
export interface StandaloneMetrics {
  readonly partRestarts: Counter<"part">;
}

export function createStandaloneMetrics(registry: Registry): StandaloneMetrics {
  return {
    partRestarts: new Counter({
      name: "monotreme_standalone_part_restarts_total",
      help: "Starts of an embedded server after it died, by server.",
      labelNames: ["part"],
      registers: [registry],
    }),
  };
}
