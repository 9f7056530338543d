import { type CommandLine, describeFlags, FlagError, type FlagValues, parseFlags } from "@monotreme/config";
import { type CommandOutput, EXIT_CODES } from "../command-output.ts";
import { askStack } from "./ask-stack.ts";
import { renderStatus } from "./render-status.ts";
import { STATUS_FLAGS } from "./status-flags.ts";

const USAGE = `Usage: npm run monotreme -- status [flags]

Asks a running stack for its roles, targets, lag, blocks, alerts and notifications. Exit code: 0 where all is well, 1 where
something is broken, 2 for a wrong command line.

Flags:`;

/** Runs `monotreme status` and tells the exit code. Nothing is changed. */
export async function runStatusCommand(commandLine: CommandLine, output: CommandOutput): Promise<number> {
  if (commandLine.argv.includes("--help") || commandLine.argv.includes("-h")) {
    output.line(`${USAGE}\n${describeFlags(STATUS_FLAGS)}`);
    return EXIT_CODES.well;
  }
  let values: FlagValues<typeof STATUS_FLAGS>;
  try {
    values = parseFlags(STATUS_FLAGS, commandLine).values;
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    output.fault(error.message);
    return EXIT_CODES.misuse;
  }
  const { url, ...given } = values;
  const { lines, faults } = renderStatus(await askStack(url, given));
  for (const line of lines) output.line(line);
  for (const fault of faults) output.fault(`BROKEN: ${fault}`);
  return faults.length === 0 ? EXIT_CODES.well : EXIT_CODES.faults;
}
