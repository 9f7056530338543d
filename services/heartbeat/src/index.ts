export { NEW_CHECK } from "./checks/check.ts";
export type { StoredCheck } from "./checks/stored-check.ts";
export { HEARTBEAT_FLAGS, HEARTBEAT_SIDE_FLAGS, type HeartbeatValues, heartbeatValuesFrom } from "./config.ts";
export { type HeartbeatCore, type HeartbeatCoreOptions, startHeartbeatCore } from "./heartbeat-core.ts";
export { createHeartbeatMetrics } from "./metrics.ts";
export {
  type HeartbeatRole,
  type HeartbeatServers,
  prepareHeartbeat,
  type PreparedHeartbeat,
  startHeartbeatRole,
} from "./start-role.ts";
