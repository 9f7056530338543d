import { setMaxListeners } from "node:events";
import {
  type CommandLine,
  describeFlags,
  type FlagSet,
  flag,
  type ParsedFlags,
  parseFlags,
  processCommandLine,
  textSchema,
  unknownVariables,
} from "@monotreme/config";
import { AppError, messageOf } from "@monotreme/errors";
import {
  createTelemetry,
  LOG_LEVELS,
  type LogFormat,
  type Logger,
  type LogLevel,
  MONOTREME_VERSION,
} from "@monotreme/telemetry";
import { openWebSecurity } from "@monotreme/web-config";
import { ServiceScope } from "./service-scope.ts";

/** Everything is closed within this time after the first SIGTERM or SIGINT. */
const SHUTDOWN_DEADLINE_MS = 8000;

/** Flags of every process. */
export const PROCESS_FLAGS = {
  logLevel: flag(
    "log.level",
    textSchema.refine(
      (text) => (LOG_LEVELS as readonly string[]).includes(text),
      "expected debug, info, warn or error",
    ),
    "info",
    "Only messages of this severity or above are logged.",
  ),
  logFormat: flag(
    "log.format",
    textSchema.refine((text) => text === "logfmt" || text === "json", "expected logfmt or json"),
    "logfmt",
    "How log lines are written.",
  ),
  webConfigFile: flag(
    "web.config.file",
    textSchema,
    "",
    "TLS, users and headers of every address of the process, in upstream's format (docs/web-config.md).",
  ),
} as const;

export interface ServiceDefinition<F extends FlagSet> {
  readonly name: string;
  readonly flags: F;
  /** Acquires what the service needs; when it returns, the service is up. */
  start(flags: ParsedFlags<F>, scope: ServiceScope): Promise<void>;
}

/**
 * Runs a service until SIGTERM or SIGINT: exit 0 after an orderly close, 1 where it could not start, failed later or
 * missed the deadline. A second signal ends the process at once. The only place that ends the process.
 */
export async function runService<F extends FlagSet>(definition: ServiceDefinition<F>): Promise<void> {
  const commandLine = processCommandLine();
  const flags = { ...PROCESS_FLAGS, ...definition.flags };
  answerHelpAndVersion(definition.name, flags, commandLine);
  const parsed = parseOrExit(flags, commandLine);
  const telemetry = createTelemetry({
    service: definition.name,
    level: parsed.values["logLevel"] as LogLevel,
    format: parsed.values["logFormat"] as LogFormat,
  });
  const { logger } = telemetry;
  if (parsed.ignored.length > 0) {
    logger.warn({ flags: parsed.ignored.join(",") }, "flags of upstream without a meaning here are ignored");
  }
  warnOfUnknownVariables(commandLine, logger);
  const ending = deferred<number>();
  const onFatal = (error: unknown): void => {
    logger.error({ err: error }, "fatal fault, shutting down");
    ending.resolve(1);
  };
  const scope = new ServiceScope(telemetry, onFatal, () => ending.resolve(0));
  onSignals(logger, () => ending.resolve(0));
  process.on("SIGHUP", () => void reloadAndReport(scope, logger));
  let exitCode: number;
  try {
    await secureAddresses(parsed.values["webConfigFile"] as string, scope);
    await Promise.race([definition.start(parsed as ParsedFlags<F>, scope), ending.promise]);
    exitCode = await ending.promise;
  } catch (error) {
    reportStartFailure(logger, error);
    exitCode = 1;
  }
  const deadline = AbortSignal.timeout(SHUTDOWN_DEADLINE_MS);
  // Every resource listens to the one deadline.
  setMaxListeners(0, deadline);
  const clean = await scope.close(deadline);
  logger.info("stopped");
  process.exit(clean ? exitCode : 1);
}

/** Before anything is bound: an address that somebody wants secured is never open, not even for a moment. */
async function secureAddresses(path: string, scope: ServiceScope): Promise<void> {
  if (path === "") return;
  await scope.secure(async () => openWebSecurity({ path, telemetry: scope.telemetry }));
}

function answerHelpAndVersion(name: string, flags: FlagSet, { argv }: CommandLine): void {
  if (argv.some((argument) => argument === "--help" || argument === "-h")) {
    process.stdout.write(`monotreme ${name} ${MONOTREME_VERSION}\n\nFlags:\n${describeFlags(flags)}\n`);
    process.exit(0);
  }
  if (argv.includes("--version")) {
    process.stdout.write(`monotreme ${name}, version ${MONOTREME_VERSION}\n`);
    process.exit(0);
  }
}

function parseOrExit<F extends FlagSet>(flags: F, commandLine: CommandLine): ParsedFlags<F> {
  try {
    return parseFlags(flags, commandLine);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  }
}

/** They have no effect, and a setting that somebody believes in is worse than none. */
function warnOfUnknownVariables({ environment }: CommandLine, logger: Logger): void {
  const unknown = unknownVariables(environment);
  if (unknown.length === 0) return;
  const variables = unknown.map(({ name, suggestion }) =>
    suggestion === undefined ? name : `${name} (meant: ${suggestion}?)`,
  );
  logger.warn({ variables: variables.join(", ") }, "environment variables that no role knows have no effect");
}

/** A fault that the program knows is told in its own words; anything else comes with where it happened. */
function reportStartFailure(logger: Logger, error: unknown): void {
  if (error instanceof AppError) process.stderr.write(`${error.message}\n`);
  else logger.error({ err: error, stack: error instanceof Error ? error.stack : undefined }, "could not start");
}

async function reloadAndReport(scope: ServiceScope, logger: Logger): Promise<void> {
  try {
    await scope.reload();
    logger.info("reloaded");
  } catch (error) {
    logger.error({ err: error }, "reload failed, the old configuration stays");
  }
}

/** One Ctrl-C may come twice: from the terminal, and passed on by npm. A later one means that someone is impatient. */
const SAME_SIGNAL_MS = 500;

function onSignals(logger: Logger, stop: () => void): void {
  let firstAtMs: number | undefined;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (firstAtMs === undefined) {
        firstAtMs = performance.now();
        logger.info({ signal }, "shutting down");
        stop();
      } else if (performance.now() - firstAtMs > SAME_SIGNAL_MS) process.exit(1);
    });
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
