import { runService } from "@monotreme/lifecycle";
import { INGESTER_FLAGS } from "./config.ts";
import { startIngester } from "./service.ts";

await runService({ name: "ingester", flags: INGESTER_FLAGS, start: startIngester });
