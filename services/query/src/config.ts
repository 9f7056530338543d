import {
  CLICKHOUSE_FLAGS,
  durationSchema,
  flag,
  LIMITS_FILE_FLAG,
  listenAddressFlag,
  NATS_FLAGS,
  optionalFlag,
  sizeSchema,
  switchFlag,
  switchSchema,
  textSchema,
  urlSchema,
  WEB_LOCATION_FLAGS,
  wholeNumberSchema,
} from "@monotreme/config";
import { LATE_SAMPLES_TTL_MS } from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import { compileAnchored } from "@monotreme/model";

const positiveNumberSchema = wholeNumberSchema.refine((count) => count > 0, "expected a number above 0");
const positiveDurationSchema = durationSchema.refine((durationMs) => durationMs > 0, "expected a duration above 0");

/** How queries are evaluated and bounded, for every process that serves them; upstream's names where they exist. */
export const QUERY_LIMIT_FLAGS = {
  lookbackMs: flag(
    "query.lookback-delta",
    positiveDurationSchema,
    "5m",
    "How far back an instant selector looks for a sample.",
  ),
  timeoutMs: flag("query.timeout", positiveDurationSchema, "2m", "A query that takes longer is stopped."),
  maxConcurrency: flag("query.max-concurrency", positiveNumberSchema, "20", "Queries that run at one time."),
  maxQueued: flag(
    "query.max-queued",
    wholeNumberSchema,
    "200",
    "Queries that wait for their turn; above it clients are told to come back (503).",
  ),
  maxSamples: flag("query.max-samples", positiveNumberSchema, "50000000", "Samples that one query holds in memory."),
  maxSeries: flag("query.max-series", positiveNumberSchema, "500000", "Series that one query reads."),
  maxReadBytes: flag("query.max-bytes", sizeSchema, "1GB", "Bytes of samples and labels that one query reads."),
  maxSteps: flag("query.max-steps", positiveNumberSchema, "11000", "Steps that one range query evaluates."),
  maxConcurrencyPerTenant: flag(
    "query.max-concurrency-per-tenant",
    positiveNumberSchema,
    "16",
    "Queries of one tenant that run at one time, so that others always find a place.",
  ),
  workers: flag(
    "query.workers",
    wholeNumberSchema,
    "0",
    "Threads for large queries; they start when needed. One tenant takes all but one of them. 0: one more " +
      "than there are cores.",
  ),
  workerHeapBytes: flag(
    "query.worker-heap",
    sizeSchema,
    "768MB",
    "JavaScript heap of one worker, apart from samples; a query that needs more is ended.",
  ),
  maxMemoryBytes: flag(
    "query.max-memory",
    sizeSchema,
    "0B",
    "Memory that running queries together add to the process; above it the largest is ended. " +
      "0B: a quarter of the machine's.",
  ),
  cacheTtlMs: flag(
    "query.cache-ttl",
    durationSchema.refine((ttlMs) => ttlMs <= LATE_SAMPLES_TTL_MS / 2, "expected at most a day"),
    "6h",
    "How long results of range queries are kept in Redis; 0s: they are not kept.",
  ),
  limitsFile: LIMITS_FILE_FLAG,
  autoDownsampling: flag(
    "query.auto-downsampling",
    switchSchema,
    "true",
    "Queries that say nothing of `max_source_resolution` read downsampled data where it gives the same or, for steps " +
      "of five buckets and more, nearly the same answer.",
  ),
  slowQueryMs: flag(
    "query.log-slower-than",
    durationSchema,
    "10s",
    "Queries that take longer are named in the log with a warning; 0s: none.",
  ),
  enableAdminApi: switchFlag(
    "web.enable-admin-api",
    switchSchema,
    "Allow what changes or ends things over HTTP: ending queries, deleting series.",
  ),
  corsOrigin: flag(
    "web.cors.origin",
    textSchema.superRefine((pattern, context) => {
      try {
        compileAnchored(pattern);
      } catch (error) {
        context.addIssue({ code: "custom", message: `expected a regular expression (${messageOf(error)})` });
      }
    }),
    ".*",
    "Origins whose pages may read the API: a regular expression, anchored at both ends.",
  ),
  features: flag(
    "enable-feature",
    textSchema,
    "",
    "Switches of upstream, separated by commas: promql-experimental-functions, promql-delayed-name-removal, " +
      "promql-extended-range-selectors, promql-binop-fill-modifiers, promql-per-step-stats, use-start-timestamps and, " +
      "for scraping, st-storage mean something here.",
  ),
} as const;

/** Flags of the query service as a process of its own. */
export const QUERY_FLAGS = {
  ...QUERY_LIMIT_FLAGS,
  ...NATS_FLAGS,
  ...CLICKHOUSE_FLAGS,
  ...WEB_LOCATION_FLAGS,
  listenAddress: listenAddressFlag("127.0.0.1:9090"),
  redisUrl: optionalFlag(
    "redis.url",
    urlSchema,
    "Redis that keeps results of range queries; not given: none are kept.",
  ),
  configFile: optionalFlag("config.file", textSchema, "prometheus.yml, shown by the API and read for its defaults."),
} as const;
