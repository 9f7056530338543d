import {
  CLICKHOUSE_FLAGS,
  durationSchema,
  flag,
  listenAddressFlag,
  NATS_FLAGS,
  optionalFlag,
  sizeSchema,
  STREAM_FLAGS,
  textSchema,
  WEB_LOCATION_FLAGS,
  wholeNumberSchema,
} from "@monotreme/config";

/** How blocks are made, for every process that does. */
export const COMPACTOR_LIMIT_FLAGS = {
  compactorDelayMs: flag(
    "compactor.delay",
    durationSchema,
    "30m",
    "How long after the end of a window of two hours its samples become a block.",
  ),
  compactorLateDelayMs: flag(
    "compactor.late-delay",
    durationSchema,
    "5m",
    "How long samples that come after the block of their window wait for others before they are folded in.",
  ),
  compactorGraceMs: flag(
    "compactor.grace",
    durationSchema,
    "10m",
    "How long the rows of a window stay after its block is ready; longer than any query runs.",
  ),
  compactorIntervalMs: flag(
    "compactor.interval",
    durationSchema.refine((intervalMs) => intervalMs >= 100, "expected at least 100ms"),
    "15s",
    "How often it is looked at what is due.",
  ),
  compactorConcurrency: flag(
    "compactor.concurrency",
    wholeNumberSchema.refine((count) => count > 0 && count <= 64, "expected a number from 1 to 64"),
    "1",
    "Blocks that this process makes at one time.",
  ),
  compactorLeaseTtlMs: flag(
    "compactor.lease-ttl",
    durationSchema.refine((ttlMs) => ttlMs >= 1000, "expected at least 1s"),
    "15s",
    "After this long without a sign of life the block of a compactor goes to another.",
  ),
} as const;

/** How long samples are kept; upstream's names where they exist. */
export const RETENTION_FLAGS = {
  retentionPolicyFile: optionalFlag(
    "retention.policy.file",
    textSchema,
    "How long samples are kept, by resolution, tenant and labels (docs/retention.md); read again on reload.",
  ),
  retentionTimeMs: optionalFlag(
    "storage.tsdb.retention.time",
    durationSchema,
    "How long raw samples are kept, unless the policy file says so: 90d when not given. Buckets of 5m stay 2y, of 1h for ever.",
  ),
  retentionSizeBytes: optionalFlag(
    "storage.tsdb.retention.size",
    sizeSchema,
    "What all tables together may take on disk, unless the policy file says so; the oldest samples go first.",
  ),
  tiersFile: optionalFlag(
    "storage.tiers.file",
    textSchema,
    "Volumes beside ClickHouse's own disk and what moves there by its age (docs/tiering.md).",
  ),
  exemplarRetentionMs: flag(
    "storage.exemplars.retention.time",
    durationSchema.refine((timeMs) => timeMs > 0, "expected a duration above 0"),
    "30d",
    "How long exemplars are kept.",
  ),
} as const;

/** Flags of the compactor as a process of its own. */
export const COMPACTOR_FLAGS = {
  ...COMPACTOR_LIMIT_FLAGS,
  ...RETENTION_FLAGS,
  ...NATS_FLAGS,
  ...STREAM_FLAGS,
  ...CLICKHOUSE_FLAGS,
  ...WEB_LOCATION_FLAGS,
  listenAddress: listenAddressFlag("127.0.0.1:9098"),
} as const;
