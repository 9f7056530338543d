import {
  flag,
  LIMITS_FILE_FLAG,
  listenAddressFlag,
  NATS_FLAGS,
  STREAM_FLAGS,
  sizeSchema,
  wholeNumberSchema,
} from "@monotreme/config";

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
  limitsFile: LIMITS_FILE_FLAG,
} as const;

/** Flags of the gateway as a process of its own. */
export const GATEWAY_FLAGS = {
  ...GATEWAY_LIMIT_FLAGS,
  ...NATS_FLAGS,
  ...STREAM_FLAGS,
  listenAddress: listenAddressFlag("127.0.0.1:9201"),
} as const;
