import { givenText, processCommandLine } from "@monotreme/config";
import { runService } from "@monotreme/lifecycle";
import { ALERTMANAGER_ALONE_FLAGS, startAlertmanagerAlone } from "./alertmanager-alone.ts";
import { createCommandOutput } from "./commands/command-output.ts";
import { commandOf } from "./commands/commands.ts";
import { STANDALONE_FLAGS } from "./config.ts";
import { startStandalone } from "./service.ts";

const commandLine = processCommandLine();
const command = commandOf(commandLine);
if (command !== undefined) {
  process.exitCode = await command(createCommandOutput(process.stdout, process.stderr));
} else if (givenText("roles", commandLine)?.trim() === "alertmanager") {
  // The alertmanager alone takes the flags of upstream's under their own names, which mean other things beside Prometheus.
  await runService({ name: "alertmanager", flags: ALERTMANAGER_ALONE_FLAGS, start: startAlertmanagerAlone });
} else {
  await runService({ name: "standalone", flags: STANDALONE_FLAGS, start: startStandalone });
}
