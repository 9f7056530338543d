import {
  durationSchema,
  flag,
  listenAddressSchema,
  sizeSchema,
  textSchema,
  urlSchema,
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
  maxKnownSeries: flag(
    "ingester.max-known-series",
    wholeNumberSchema,
    "4000000",
    "Series and days remembered as indexed (up to 24 bytes each); others are written to the index again when announced.",
  ),
} as const;

/** Flags of the ingester as a process of its own. */
export const INGESTER_FLAGS = {
  ...INGESTER_LIMIT_FLAGS,
  listenAddress: flag("web.listen-address", listenAddressSchema, "127.0.0.1:9097", "Address of health and metrics."),
  natsUrl: flag("nats.url", urlSchema, "nats://127.0.0.1:4222", "NATS servers, separated by commas."),
  clickhouseUrl: flag("clickhouse.url", urlSchema, "http://127.0.0.1:8123", "ClickHouse's HTTP address."),
  clickhouseDatabase: flag(
    "clickhouse.database",
    textSchema.regex(/^\w+$/, "expected letters, digits and _"),
    "monotreme",
    "Database that holds the tables; created where it is missing.",
  ),
  partitions: flag(
    "samples.partitions",
    wholeNumberSchema.refine((count) => count >= 1 && count <= 1024, "expected 1 to 1024"),
    "1",
    "Partitions of the sample stream; the same in every process.",
  ),
  samplesMaxBytes: flag("samples.max-bytes", sizeSchema, "8GB", "Samples that may wait for the ingesters in NATS."),
  deadletterMaxBytes: flag("deadletter.max-bytes", sizeSchema, "256MB", "Unreadable messages kept for inspection."),
  streamReplicas: flag("nats.stream-replicas", wholeNumberSchema, "1", "Copies of the streams: 3 in a cluster."),
} as const;
