import { runService } from "@monotreme/lifecycle";
import { GATEWAY_FLAGS } from "./config.ts";
import { startGateway } from "./service.ts";

await runService({ name: "gateway", flags: GATEWAY_FLAGS, start: startGateway });
