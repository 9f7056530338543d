import { flag, listenAddressSchema, sizeSchema, textSchema, wholeNumberSchema } from "@monotreme/config";

/** Limits of the receiver, for every process that mounts its routes. */
export const GATEWAY_LIMIT_FLAGS = {
  maxCachedSeries: flag(
    "gateway.max-cached-series",
    wholeNumberSchema,
    "2000000",
    "Series whose ids are remembered (up to 92 bytes each); others are announced again with every request.",
  ),
  maxBodyBytesInFlight: flag(
    "gateway.max-body-bytes-in-flight",
    sizeSchema,
    "256MB",
    "Request bodies held at one time; above it senders are told to come back (503).",
  ),
} as const;

/** Flags of the gateway as a process of its own. */
export const GATEWAY_FLAGS = {
  ...GATEWAY_LIMIT_FLAGS,
  listenAddress: flag("web.listen-address", listenAddressSchema, "127.0.0.1:9201", "Address to serve on."),
  natsUrl: flag("nats.url", textSchema, "nats://127.0.0.1:4222", "NATS servers, separated by commas."),
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
