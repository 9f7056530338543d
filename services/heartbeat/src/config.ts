import {
  DATABASE_FLAGS,
  durationSchema,
  type Flag,
  flag,
  type FlagValues,
  listenAddressFlag,
  listenAddressSchema,
  NATS_FLAGS,
  optionalFlag,
  switchFlag,
  switchSchema,
  textSchema,
  urlSchema,
  WEB_LOCATION_FLAGS,
  wholeNumberSchema,
} from "@monotreme/config";

/** Flags whose names are the same in every process. */
export const HEARTBEAT_LIMIT_FLAGS = {
  heartbeatConfigFile: optionalFlag(
    "heartbeat.config.file",
    textSchema,
    "Projects, checks and channels (docs/heartbeat.md); not given: one project with generated keys.",
  ),
  heartbeatBodyLimitBytes: flag(
    "heartbeat.ping-body-limit",
    wholeNumberSchema.refine((bytes) => bytes <= 900_000, "expected at most 900000"),
    "100000",
    "Bytes kept of a ping's body, the newest.",
  ),
  heartbeatRetentionMs: flag(
    "heartbeat.retention",
    durationSchema,
    "1y",
    "How long pings and flips are kept; flips for 93 days at least.",
  ),
  heartbeatMailAddress: optionalFlag(
    "heartbeat.smtp.listen-address",
    listenAddressSchema,
    "Where pings are taken by mail, as host:port; not given: nowhere.",
  ),
  heartbeatMaxChecks: flag(
    "heartbeat.max-checks",
    wholeNumberSchema,
    "10000",
    "Checks of a project made by API, at most.",
  ),
} as const;

function ownFlags(prefix: "" | "heartbeat.") {
  const named = <T>(one: Flag<T>): Flag<T> => ({ ...one, name: `${prefix}${one.name}` });
  return {
    listenAddress: named(listenAddressFlag("127.0.0.1:8000")),
    externalUrl: named(WEB_LOCATION_FLAGS.externalUrl),
    routePrefix: named(WEB_LOCATION_FLAGS.routePrefix),
  } as const;
}

const BESIDE = ownFlags("heartbeat.");

/** Flags of heartbeats beside other roles, by keys that do not clash with theirs. */
export const HEARTBEAT_SIDE_FLAGS = {
  ...HEARTBEAT_LIMIT_FLAGS,
  heartbeatListenAddress: BESIDE.listenAddress,
  heartbeatExternalUrl: BESIDE.externalUrl,
  heartbeatRoutePrefix: BESIDE.routePrefix,
} as const;

const ROLE_FLAGS = {
  ...HEARTBEAT_LIMIT_FLAGS,
  ...ownFlags(""),
  storagePath: flag("storage.path", textSchema, "./data", "Folder of the generated keys."),
} as const;

/** Values of the role's flags, whatever the flags are called. */
export type HeartbeatValues = FlagValues<typeof ROLE_FLAGS>;

/** The values of the role from flags that have the prefix. */
export function heartbeatValuesFrom(
  values: FlagValues<typeof HEARTBEAT_SIDE_FLAGS> & { readonly storagePath: string },
): HeartbeatValues {
  return {
    ...values,
    listenAddress: values.heartbeatListenAddress,
    externalUrl: values.heartbeatExternalUrl,
    routePrefix: values.heartbeatRoutePrefix,
  };
}

/** Flags of `heartbeat keys`. */
export const KEYS_FLAGS = { storagePath: ROLE_FLAGS.storagePath } as const;

/** Flags of the heartbeat service as a process of its own. */
export const HEARTBEAT_FLAGS = {
  ...ROLE_FLAGS,
  ...NATS_FLAGS,
  streamReplicas: flag("nats.stream-replicas", wholeNumberSchema, "1", "Copies of the streams: 3 in a cluster."),
  redisUrl: flag("redis.url", urlSchema, "redis://127.0.0.1:6379", "Redis, for the queue of deadlines."),
  clickhouseUrl: optionalFlag(
    "clickhouse.url",
    urlSchema,
    "ClickHouse's HTTP address, for the history of pings; not given: pings wait in NATS and cannot be read back.",
  ),
  ...DATABASE_FLAGS,
  enableLifecycle: switchFlag("web.enable-lifecycle", switchSchema, "Whether POST /-/reload is allowed."),
} as const;
