import {
  CLICKHOUSE_FLAGS,
  durationSchema,
  flag,
  listenAddressFlag,
  NATS_FLAGS,
  optionalFlag,
  textSchema,
  wholeNumberSchema,
} from "@monotreme/config";
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
      "promql-extended-range-selectors and promql-binop-fill-modifiers mean something here.",
  ),
} as const;

/** Flags of the query service as a process of its own. */
export const QUERY_FLAGS = {
  ...QUERY_LIMIT_FLAGS,
  ...NATS_FLAGS,
  ...CLICKHOUSE_FLAGS,
  listenAddress: listenAddressFlag("127.0.0.1:9090"),
  configFile: optionalFlag("config.file", textSchema, "prometheus.yml, shown by the API and read for its defaults."),
} as const;
