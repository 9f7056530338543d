import { runService } from "@monotreme/lifecycle";
import { STANDALONE_FLAGS } from "./config.ts";
import { startStandalone } from "./service.ts";

await runService({ name: "standalone", flags: STANDALONE_FLAGS, start: startStandalone });
