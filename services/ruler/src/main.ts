import { runService } from "@monotreme/lifecycle";
import { RULER_FLAGS } from "./config.ts";
import { startRuler } from "./service.ts";

await runService({ name: "ruler", flags: RULER_FLAGS, start: startRuler });
