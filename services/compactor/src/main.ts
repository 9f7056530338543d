import { runService } from "@monotreme/lifecycle";
import { COMPACTOR_FLAGS } from "./config.ts";
import { startCompactor } from "./service.ts";

await runService({ name: "compactor", flags: COMPACTOR_FLAGS, start: startCompactor });
