import type { CommandLine } from "./parse-flags.ts";

/** The command line and environment of this process; the only place that reads them. */
export function processCommandLine(): CommandLine {
  return { argv: process.argv.slice(2), environment: process.env };
}
