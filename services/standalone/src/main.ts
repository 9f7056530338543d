import { givenText, processCommandLine } from "@monotreme/config";
import { runService } from "@monotreme/lifecycle";
import { ALERTMANAGER_ALONE_FLAGS, startAlertmanagerAlone } from "./alertmanager-alone.ts";
import { STANDALONE_FLAGS } from "./config.ts";
import { startStandalone } from "./service.ts";

// The alertmanager alone takes the flags of upstream's under their own names, which mean other things beside Prometheus.
if (givenText("roles", processCommandLine())?.trim() === "alertmanager") {
  await runService({ name: "alertmanager", flags: ALERTMANAGER_ALONE_FLAGS, start: startAlertmanagerAlone });
} else {
  await runService({ name: "standalone", flags: STANDALONE_FLAGS, start: startStandalone });
}
