import {
  CLICKHOUSE_FLAGS,
  durationSchema,
  flag,
  listenAddressFlag,
  NATS_FLAGS,
  sizeSchema,
  STREAM_FLAGS,
  wholeNumberSchema,
} from "@monotreme/config";

/** How the ingester batches, for every process that runs one. */
export const INGESTER_LIMIT_FLAGS = {
  batchMaxBytes: flag(
    "ingester.batch-max-bytes",
    sizeSchema.refine((bytes) => bytes >= 2 ** 20, "expected at least 1MB"),
    "16MB",
    "A batch of this size is inserted at once; about three of them are in memory for each partition.",
  ),
  batchLinger: flag(
    "ingester.batch-linger",
    durationSchema,
    "400ms",
    "The longest that a sample waits for others before its batch is inserted.",
  ),
  ackWait: flag(
    "ingester.ack-wait",
    durationSchema.refine((durationMs) => durationMs >= 1000, "expected at least 1s"),
    "5s",
    "What a dead ingester had pulled is given to another after this time.",
  ),
  ingesterLeaseTtl: flag(
    "ingester.lease-ttl",
    durationSchema.refine((ttlMs) => ttlMs >= 1000, "expected at least 1s"),
    "6s",
    "After this long without a sign of life the partitions of an ingester go to the others.",
  ),
  maxKnownSeries: flag(
    "ingester.max-known-series",
    wholeNumberSchema,
    "4000000",
    "Series and days of all partitions remembered as indexed (up to 24 bytes each); others are written to the index again when announced.",
  ),
} as const;

/** Flags of the ingester as a process of its own. */
export const INGESTER_FLAGS = {
  ...INGESTER_LIMIT_FLAGS,
  listenAddress: listenAddressFlag("127.0.0.1:9097"),
  ...NATS_FLAGS,
  ...CLICKHOUSE_FLAGS,
  ...STREAM_FLAGS,
} as const;
