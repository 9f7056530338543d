import { type Logger, pino } from "pino";
import { LogfmtDestination } from "./logfmt-destination.ts";

export type { Logger };

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = "logfmt" | "json";

export interface LoggerOptions {
  readonly service: string;
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** Fields whose values never reach a log, whatever object they stand in. */
const SECRET_FIELDS = ["password", "authorization", "credentials", "token", "apiKey", "bearerToken", "clientSecret"];

/** Creates the process' logger on standard error; components get `logger.child({ component })`. */
export function createLogger(options: LoggerOptions): Logger {
  const redact = { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: "<secret>" };
  const base = { service: options.service };
  const settings = { level: options.level, base, redact, timestamp: pino.stdTimeFunctions.isoTime };
  const destination =
    options.format === "json" ? pino.destination({ dest: 2, sync: true }) : new LogfmtDestination(process.stderr);
  return pino({ ...settings, formatters: { level: (level) => ({ level }) } }, destination);
}

/** A logger that writes nothing, for tests and tools. */
export function createSilentLogger(): Logger {
  return pino({ level: "silent" });
}
