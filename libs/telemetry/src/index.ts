export { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
export {
  createLogger,
  createSilentLogger,
  LOG_LEVELS,
  type LogFormat,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from "./logger.ts";
export { createTelemetry, MONOTREME_VERSION, type Telemetry } from "./telemetry.ts";
