import {
  DATABASE_FLAGS,
  durationSchema,
  type Flag,
  flag,
  type FlagValues,
  listenAddressFlag,
  NATS_FLAGS,
  optionalFlag,
  switchFlag,
  switchSchema,
  textSchema,
  urlSchema,
  WEB_LOCATION_FLAGS,
  wholeNumberSchema,
} from "@monotreme/config";

/** Upstream's switches that mean something here; the others that it knows are accepted. */
const FEATURES: ReadonlyMap<string, boolean> = new Map([
  ["classic-mode", true],
  ["utf8-strict-mode", true],
  ["receiver-name-in-metrics", false],
  ["alert-names-in-metrics", false],
  ["group-key-in-metrics", false],
  ["event-recorder", false],
  ["auto-gomemlimit", false],
  ["auto-gomaxprocs", false],
]);

const featuresSchema = textSchema.transform((text, context): ReadonlySet<string> => {
  const names = text.split(",").filter((name) => name !== "");
  for (const name of names.filter((one) => !FEATURES.has(one))) {
    context.addIssue({ code: "custom", message: `unknown option ${JSON.stringify(name)} for --enable-feature` });
  }
  if (names.includes("classic-mode") && names.includes("utf8-strict-mode")) {
    context.addIssue({ code: "custom", message: "classic-mode and utf8-strict-mode exclude each other" });
  }
  return new Set(names);
});

const heldBackSchema = textSchema.transform((text, context): "afterwards" | "immediately" => {
  if (text === "afterwards" || text === "immediately") return text;
  context.addIssue({ code: "custom", message: "expected afterwards or immediately" });
  return "afterwards";
});

/** Flags whose names are free in every process: those of upstream that Prometheus has not, and our own. */
export const ALERTMANAGER_LIMIT_FLAGS = {
  gcIntervalMs: flag(
    "alerts.gc-interval",
    durationSchema.refine((ms) => ms > 0, "expected a duration above 0"),
    "30m",
    "How often resolved alerts are forgotten.",
  ),
  startDelayMs: flag(
    "dispatch.start-delay",
    durationSchema,
    "0s",
    "No group is notified for that long after the start.",
  ),
  heldBackResolved: flag(
    "dispatch.resolved-while-held-back",
    heldBackSchema,
    "afterwards",
    "When people hear that an alert is resolved which a silence, an inhibition or a time interval holds back: " +
      "afterwards (when that ends) or immediately.",
  ),
  maxSilences: flag("silences.max-silences", wholeNumberSchema, "0", "Silences at most, ended ones too; 0: no limit."),
  maxSilenceSizeBytes: flag(
    "silences.max-silence-size-bytes",
    wholeNumberSchema,
    "0",
    "Size of one silence at most; 0: no limit.",
  ),
  silenceNoticeMs: flag(
    "silences.notice-before-end",
    durationSchema,
    "1h",
    "How long before its end a silence is announced among the events; 0s: not at all.",
  ),
  silenceTokenLifetimeMs: flag(
    "silences.token-lifetime",
    durationSchema.refine((ms) => ms >= 60_000, "expected at least 1m"),
    "12h",
    "How long the silence buttons of notifications work.",
  ),
  silenceAlerts: switchFlag(
    "silences.notice-alert",
    switchSchema,
    "Announce the end of a silence by an alert too: SilenceEndsSoon, routed as any other.",
  ),
  isSilenceLogged: switchFlag("log.silences", switchSchema, "Log every change of a silence."),
  ntfyConfigFile: optionalFlag("ntfy.config.file", textSchema, "Options of ntfy by receiver: see docs/ntfy.md."),
} as const;

/** Flags that Prometheus has too: beside other roles their names begin with `alertmanager.`. */
function ownFlags(prefix: "" | "alertmanager.") {
  const named = <T>(one: Flag<T>): Flag<T> => ({ ...one, name: `${prefix}${one.name}` });
  return {
    configFile: named(
      flag("config.file", textSchema, "alertmanager.yml", "Routes and receivers, in upstream's format."),
    ),
    retentionMs: named(
      flag("data.retention", durationSchema, "120h", "How long ended silences and the notification log are kept."),
    ),
    externalUrl: named(WEB_LOCATION_FLAGS.externalUrl),
    routePrefix: named(WEB_LOCATION_FLAGS.routePrefix),
    maxConcurrentGets: named(
      flag(
        "web.get-concurrency",
        wholeNumberSchema,
        "0",
        "GET requests answered at one time; 0: 8, or the number of cores.",
      ),
    ),
    webTimeoutMs: named(flag("web.timeout", durationSchema, "0s", "Time for one GET request; 0s: no limit.")),
    features: named(
      flag("enable-feature", featuresSchema, "", "Upstream's switches: classic-mode and utf8-strict-mode."),
    ),
    listenAddress: named(listenAddressFlag("127.0.0.1:9093")),
  } as const;
}

/** Flags of the alertmanager in a process of its own or as standalone's only role: upstream's names. */
export const ALERTMANAGER_ROLE_FLAGS = { ...ownFlags(""), ...ALERTMANAGER_LIMIT_FLAGS } as const;

const BESIDE = ownFlags("alertmanager.");

/** Flags of the alertmanager beside other roles, by keys that do not clash with theirs. */
export const ALERTMANAGER_SIDE_FLAGS = {
  ...ALERTMANAGER_LIMIT_FLAGS,
  alertmanagerConfigFile: optionalFlag(
    BESIDE.configFile.name,
    textSchema,
    "alertmanager.yml; not given: alerts are shown and nobody is notified.",
  ),
  alertmanagerRetentionMs: BESIDE.retentionMs,
  alertmanagerExternalUrl: BESIDE.externalUrl,
  alertmanagerRoutePrefix: BESIDE.routePrefix,
  alertmanagerMaxConcurrentGets: BESIDE.maxConcurrentGets,
  alertmanagerWebTimeoutMs: BESIDE.webTimeoutMs,
  alertmanagerFeatures: BESIDE.features,
  alertmanagerListenAddress: BESIDE.listenAddress,
} as const;

/** The values of the role from flags that have the prefix. */
export function alertmanagerValuesFrom(values: FlagValues<typeof ALERTMANAGER_SIDE_FLAGS>): AlertmanagerValues {
  return {
    ...values,
    configFile: values.alertmanagerConfigFile,
    retentionMs: values.alertmanagerRetentionMs,
    externalUrl: values.alertmanagerExternalUrl,
    routePrefix: values.alertmanagerRoutePrefix,
    maxConcurrentGets: values.alertmanagerMaxConcurrentGets,
    webTimeoutMs: values.alertmanagerWebTimeoutMs,
    features: values.alertmanagerFeatures,
    listenAddress: values.alertmanagerListenAddress,
  };
}

/** Values of the role's flags, whatever the flags are called. */
export interface AlertmanagerValues extends Omit<FlagValues<typeof ALERTMANAGER_ROLE_FLAGS>, "configFile"> {
  /** Undefined: alerts are shown and nobody is notified. */
  readonly configFile: string | undefined;
}

/** Flags of the alertmanager service as a process of its own. */
export const ALERTMANAGER_FLAGS = {
  ...ALERTMANAGER_ROLE_FLAGS,
  ...NATS_FLAGS,
  streamReplicas: flag("nats.stream-replicas", wholeNumberSchema, "1", "Copies of the streams: 3 in a cluster."),
  redisUrl: flag("redis.url", urlSchema, "redis://127.0.0.1:6379", "Redis, for the queue of notifications."),
  clickhouseUrl: optionalFlag(
    "clickhouse.url",
    urlSchema,
    "ClickHouse's HTTP address, for the history; not given: the latest events only, in memory.",
  ),
  ...DATABASE_FLAGS,
} as const;
