import { processCommandLine } from "@monotreme/config";
import { messageOf } from "@monotreme/errors";
import { runService } from "@monotreme/lifecycle";
import { runBlocksCommand } from "./commands/blocks-command.ts";
import { createTerminal } from "./commands/terminal.ts";
import { COMPACTOR_FLAGS } from "./config.ts";
import { startCompactor } from "./service.ts";

const { argv, environment } = processCommandLine();
if (argv[0] === "blocks") {
  try {
    const terminal = createTerminal(process.stdout, Date.now);
    const never = new AbortController().signal;
    process.exitCode = await runBlocksCommand({ argv: argv.slice(1), environment }, terminal, never);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  }
} else {
  await runService({ name: "compactor", flags: COMPACTOR_FLAGS, start: startCompactor });
}
