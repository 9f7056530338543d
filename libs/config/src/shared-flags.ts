import { listenAddressSchema, sizeSchema, textSchema, urlSchema, wholeNumberSchema } from "./flag-schemas.ts";
import { type Flag, flag, optionalFlag } from "./flags.ts";

/** How much and how often the streams keep, for every process that uses the bus; the same values everywhere. */
export const STREAM_FLAGS = {
  partitions: flag(
    "samples.partitions",
    wholeNumberSchema.refine((count) => count >= 1 && count <= 1024, "expected 1 to 1024"),
    "1",
    "Partitions of the sample stream; the same in every process.",
  ),
  samplesMaxBytes: flag("samples.max-bytes", sizeSchema, "4GB", "Samples that may wait for the ingesters in NATS."),
  deadletterMaxBytes: flag("deadletter.max-bytes", sizeSchema, "256MB", "Unreadable messages kept for inspection."),
  streamReplicas: flag("nats.stream-replicas", wholeNumberSchema, "1", "Copies of the streams: 3 in a cluster."),
} as const;

/** The bus, for a process that needs one given. */
export const NATS_FLAGS = {
  natsUrl: flag("nats.url", textSchema, "nats://127.0.0.1:4222", "NATS servers, separated by commas."),
} as const;

/** The store's database. */
export const DATABASE_FLAGS = {
  clickhouseDatabase: flag(
    "clickhouse.database",
    textSchema.regex(/^\w+$/, "expected letters, digits and _"),
    "monotreme",
    "Database that holds the tables; created where it is missing.",
  ),
} as const;

/** The store, for a process that needs one given. */
export const CLICKHOUSE_FLAGS = {
  clickhouseUrl: flag("clickhouse.url", urlSchema, "http://127.0.0.1:8123", "ClickHouse's HTTP address."),
  ...DATABASE_FLAGS,
} as const;

/** The address that a process serves on, with its own default. */
export function listenAddressFlag(defaultText: string): Flag<{ readonly host: string; readonly port: number }> {
  return flag("web.listen-address", listenAddressSchema, defaultText, "Address to serve on.");
}

/** Where a process that serves an API or pages is reached from outside, for links and behind a reverse proxy. */
export const WEB_LOCATION_FLAGS = {
  externalUrl: optionalFlag(
    "web.external-url",
    urlSchema,
    "Address under which people and other systems reach this server; for links. Its path is the default route prefix.",
  ),
  routePrefix: optionalFlag("web.route-prefix", textSchema, "Path under which everything is served."),
} as const;

/** Limits that differ by tenant, for every process that bounds queries or writes. */
export const LIMITS_FILE_FLAG = optionalFlag(
  "limits.config.file",
  textSchema,
  "YAML file of limits by tenant, read again by a reload; see docs/limits.md. Not given: the flags hold for all.",
);
