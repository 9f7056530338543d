export { NEW_CHECK } from "./checks/check.ts";
export type { StoredCheck } from "./checks/stored-check.ts";
export { type HeartbeatCore, type HeartbeatCoreOptions, startHeartbeatCore } from "./heartbeat-core.ts";
export { createHeartbeatMetrics } from "./metrics.ts";
