export { NEW_CHECK } from "./checks/check.ts";
export type { StoredCheck } from "./checks/stored-check.ts";
export { HEARTBEAT_FLAGS, HEARTBEAT_SIDE_FLAGS, type HeartbeatValues, heartbeatValuesFrom } from "./config.ts";
export { type HeartbeatCore, type HeartbeatCoreOptions, startHeartbeatCore } from "./heartbeat-core.ts";
export { HistoryFlips } from "./flips/history-flips.ts";
export { openHistory } from "./history/click-house-history-reader.ts";
export type { FlipRecord } from "./history/flip-record.ts";
export type { FlipRange, HistoryReader, LoggedPing } from "./history/history-reader.ts";
export { PingLog, type PingLogOptions } from "./history/ping-log.ts";
export { createRecordSender, type RecordSender } from "./history/record-sender.ts";
export { createHeartbeatMetrics } from "./metrics.ts";
export {
  type HeartbeatRole,
  type HeartbeatServers,
  prepareHeartbeat,
  type PreparedHeartbeat,
  startHeartbeatRole,
} from "./start-role.ts";
