import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { createLogger, type Logger, type LoggerOptions } from "./logger.ts";

/** What a process says of itself: its log and its metrics. One a process, passed on by injection. */
export interface Telemetry {
  readonly logger: Logger;
  readonly registry: Registry;
}

export const MONOTREME_VERSION = "0.1.0";

/** Creates the logger and a registry with the process metrics that shipped dashboards read. */
export function createTelemetry(options: LoggerOptions): Telemetry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "monotreme_build_info",
    help: "Always 1; the version is in the labels.",
    labelNames: ["version", "nodeversion"],
    registers: [registry],
  }).set({ version: MONOTREME_VERSION, nodeversion: process.version }, 1);
  return { logger: createLogger(options), registry };
}
