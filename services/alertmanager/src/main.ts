import { runService } from "@monotreme/lifecycle";
import { ALERTMANAGER_FLAGS } from "./config.ts";
import { startAlertmanager } from "./service.ts";

await runService({ name: "alertmanager", flags: ALERTMANAGER_FLAGS, start: startAlertmanager });
