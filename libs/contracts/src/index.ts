export {
  ALERTMANAGER_CONSUMER,
  ALERTS_PER_MESSAGE,
  ALERTS_STREAM,
  type AlertEvent,
  type AlertEventsMessage,
  type AlertSource,
  alertsSubject,
  EVENTS_STREAM,
  eventsSubject,
} from "./alert-events.ts";
export { type BlockEvent, RUNNING_BLOCKS_SUBJECT, type RunningBlock, type RunningBlocks } from "./block-events.ts";
export { decodeAnnouncements, decodeMetadata } from "./announcement-codec.ts";
export { type BatchExemplar, decodeExemplars } from "./exemplar-codec.ts";
export {
  CHECKS_BUCKET,
  HEARTBEAT_NOTICES_BUCKET,
  HEARTBEAT_PROJECTS_BUCKET,
  PACKED_FLIPS_SUBJECT,
  PACKED_PINGS_SUBJECT,
  PING_LOG_CONSUMER,
  PINGS_STREAM,
  flipsSubject,
  pingsSubject,
} from "./heartbeats.ts";
export type { HistogramColumns, NumberListColumns } from "./histogram-section.ts";
export {
  LATE_AFTER_MS,
  LATE_SAMPLES_BUCKET,
  LATE_SAMPLES_TTL_MS,
  type LateStretch,
  lateKeyOf,
  lateStretchOf,
  SETTLED_AFTER_MS,
} from "./late-samples.ts";
export { LEASES_BUCKET } from "./lease-buckets.ts";
export { partitionOf } from "./partition-of.ts";
export {
  ALERT_STATE_BUCKET,
  ALERTMANAGERS_SUBJECT,
  type AlertmanagersAnswer,
  type DescribedAlertingRule,
  type DescribedRecordingRule,
  type DescribedRule,
  type DescribedRuleGroup,
  RULE_ENTRIES_PER_PART,
  RULE_GROUPS_BUCKET,
  type RuleAlert,
  RULES_SUBJECT,
  type RulesPart,
  type RulesQuestion,
} from "./rule-types.ts";
export { decodeSampleBatch, type SampleBatch, type SeriesAnnouncement } from "./sample-batch.ts";
export { type MessagePart, packMessages, unpackMessages } from "./packed-messages.ts";
export { decodePingRecord, encodePingRecord, type PingRecord, type PingType } from "./ping-record.ts";
export { SampleBatchBuilder } from "./sample-batch-builder.ts";
export { SampleBatchError } from "./sample-batch-error.ts";
export type { StartColumns } from "./start-section.ts";
export {
  BATCH_TARGET_BYTES,
  DEADLETTER_HEADERS,
  DEADLETTER_STREAM,
  DEFAULT_TENANT,
  deadletterSubject,
  INGEST_PLAN_BUCKET,
  ingesterConsumerName,
  MAX_MESSAGE_BYTES,
  SAMPLES_STREAM,
  SAMPLES_SUBJECTS,
  partitionOfSubject,
  samplesSubject,
} from "./streams.ts";
export { TENANT_HEADER, tenantFromHeader } from "./tenant.ts";
export {
  type ActiveTarget,
  type DroppedTarget,
  RELOAD_SUBJECT,
  type RelabelStep,
  type ReloadAnswer,
  SCRAPE_POOL_SUBJECT,
  type ScrapePoolPart,
  type ScrapePoolQuestion,
  TARGET_METADATA_SUBJECT,
  type TargetMatcher,
  type TargetMetadata,
  type TargetMetadataPart,
  type TargetMetadataQuestion,
  TARGETS_PER_PART,
  TARGETS_SUBJECT,
  type TargetsPart,
  type TargetsQuestion,
} from "./target-types.ts";
