import type { CommandLine } from "@monotreme/config";
import { messageOf } from "@monotreme/errors";
import { runBackupCommand, runRestoreCommand } from "./backup/backup-command.ts";
import { runCheckCommand } from "./check/check-command.ts";
import { type CommandOutput, EXIT_CODES } from "./command-output.ts";
import { runStatusCommand } from "./status/status-command.ts";

/** Does what its arguments say and resolves to the exit code; its own name is not among them. */
export type Command = (commandLine: CommandLine, output: CommandOutput) => Promise<number>;

/** What people and scripts ask for on the command line instead of a role. */
const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ["check", runCheckCommand],
  ["status", runStatusCommand],
  ["backup", runBackupCommand],
  ["restore", runRestoreCommand],
]);

/** The command that a command line begins with; undefined where it asks for the process itself. */
export function commandOf(commandLine: CommandLine): ((output: CommandOutput) => Promise<number>) | undefined {
  const [name = "", ...argv] = commandLine.argv;
  const command = COMMANDS.get(name);
  if (command === undefined) return undefined;
  return async (output) => {
    try {
      return await command({ ...commandLine, argv }, output);
    } catch (error) {
      output.fault(messageOf(error));
      return EXIT_CODES.faults;
    }
  };
}
