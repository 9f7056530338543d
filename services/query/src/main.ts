import { runService } from "@monotreme/lifecycle";
import { QUERY_FLAGS } from "./config.ts";
import { startQuery } from "./service.ts";

await runService({ name: "query", flags: QUERY_FLAGS, start: startQuery });
