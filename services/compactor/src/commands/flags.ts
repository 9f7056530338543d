import { flag, optionalFlag, switchFlag, switchSchema, textSchema, urlSchema } from "@monotreme/config";
import { timeMsFrom } from "../routes/blocks-routes.ts";
import { RESOLUTION_NAMES } from "../status/describe-blocks.ts";

const timeSchema = textSchema.transform((text, context): number => {
  const timestampMs = timeMsFrom(text);
  if (timestampMs === undefined) context.addIssue({ code: "custom", message: "expected RFC 3339 or epoch seconds" });
  return timestampMs ?? 0;
});

const resolutionSchema = textSchema.refine(
  (text) => RESOLUTION_NAMES.includes(text),
  `expected one of ${RESOLUTION_NAMES.join(", ")}`,
);

/** Flags of `monotreme blocks list|verify|compact|rebuild`. */
export const BLOCKS_COMMAND_FLAGS = {
  clickhouseUrl: optionalFlag(
    "clickhouse.url",
    urlSchema,
    "ClickHouse's HTTP address; not given: the one beside the standalone that runs on --storage.path.",
  ),
  clickhouseDatabase: flag("clickhouse.database", textSchema, "monotreme", "Database of all tables."),
  natsUrl: optionalFlag(
    "nats.url",
    textSchema,
    "NATS servers, for the leases of blocks; not given: the one beside the standalone that runs on --storage.path.",
  ),
  storagePath: flag("storage.path", textSchema, "./data", "Data folder of a standalone that runs."),
  resolution: optionalFlag("resolution", resolutionSchema, "Only blocks of this resolution: raw, 5m or 1h."),
  startMs: optionalFlag("start", timeSchema, "Only blocks that reach beyond this time (RFC 3339 or epoch seconds)."),
  endMs: optionalFlag("end", timeSchema, "Only blocks that begin before this time (RFC 3339 or epoch seconds)."),
  retentionPolicyFile: optionalFlag(
    "retention.policy.file",
    textSchema,
    "The policy of the compactors, for the classes of series in blocks that `compact` and `rebuild` write.",
  ),
  isJson: switchFlag("json", switchSchema, "Whether `list` prints JSON instead of a table."),
} as const;
