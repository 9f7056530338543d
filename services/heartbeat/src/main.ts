import { parseFlags, processCommandLine } from "@monotreme/config";
import { runService } from "@monotreme/lifecycle";
import { messageOf } from "@monotreme/errors";
import { HEARTBEAT_FLAGS, KEYS_FLAGS } from "./config.ts";
import { renderKeys } from "./keys-command.ts";
import { startHeartbeat } from "./service.ts";

const { argv, environment } = processCommandLine();
if (argv[0] === "keys") {
  try {
    process.stdout.write(await renderKeys(parseFlags(KEYS_FLAGS, { argv: argv.slice(1), environment }).values));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  }
} else {
  await runService({ name: "heartbeat", flags: HEARTBEAT_FLAGS, start: startHeartbeat });
}
