import { ALERTMANAGER_SIDE_FLAGS } from "@monotreme/alertmanager";
import {
  DATABASE_FLAGS,
  flag,
  listenAddressFlag,
  listenAddressSchema,
  optionalFlag,
  STREAM_FLAGS,
  switchFlag,
  switchSchema,
  textSchema,
  urlSchema,
  WEB_LOCATION_FLAGS,
} from "@monotreme/config";
import { COMPACTOR_LIMIT_FLAGS, RETENTION_FLAGS } from "@monotreme/compactor";
import { GATEWAY_LIMIT_FLAGS } from "@monotreme/gateway";
import { HEARTBEAT_SIDE_FLAGS } from "@monotreme/heartbeat";
import { INGESTER_LIMIT_FLAGS } from "@monotreme/ingester";
import { QUERY_LIMIT_FLAGS } from "@monotreme/query";
import { RULER_LIMIT_FLAGS } from "@monotreme/ruler";
import { SCRAPE_FLAGS } from "@monotreme/scraper";

export const ROLES = [
  "scraper",
  "gateway",
  "ingester",
  "query",
  "ruler",
  "alertmanager",
  "heartbeat",
  "compactor",
] as const;
export type Role = (typeof ROLES)[number];

const rolesSchema = textSchema.transform((text, context): readonly Role[] => {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !(ROLES as readonly string[]).includes(name));
  if (unknown.length > 0) {
    context.addIssue({ code: "custom", message: `no role ${unknown.join(", ")}; the roles are ${ROLES.join(", ")}` });
  }
  return ROLES.filter((role) => names.includes(role));
});

/** Flags of standalone: its own, and the limits of the roles that it runs. */
export const STANDALONE_FLAGS = {
  ...SCRAPE_FLAGS,
  storagePath: flag("storage.path", textSchema, "./data", "Folder of all data."),
  listenAddress: listenAddressFlag("127.0.0.1:9090"),
  roles: flag("roles", rolesSchema, ROLES.join(","), "Roles to run in this process."),
  natsUrl: optionalFlag("nats.url", textSchema, "NATS servers to use; not given: one is started beside this process."),
  redisUrl: optionalFlag("redis.url", urlSchema, "Redis to use; not given: one is started beside this process."),
  clickhouseUrl: optionalFlag(
    "clickhouse.url",
    urlSchema,
    "ClickHouse's HTTP address; not given: one is started beside this process.",
  ),
  enableLifecycle: switchFlag("web.enable-lifecycle", switchSchema, "Allow reload and quit over HTTP."),
  nodeExporterAddress: optionalFlag(
    "node-exporter.listen-address",
    listenAddressSchema,
    "Start prometheus-node-exporter on this address beside this process, unless something listens there.",
  ),
  ...WEB_LOCATION_FLAGS,
  ...DATABASE_FLAGS,
  ...STREAM_FLAGS,
  ...GATEWAY_LIMIT_FLAGS,
  ...INGESTER_LIMIT_FLAGS,
  ...QUERY_LIMIT_FLAGS,
  ...RULER_LIMIT_FLAGS,
  ...ALERTMANAGER_SIDE_FLAGS,
  ...HEARTBEAT_SIDE_FLAGS,
  ...COMPACTOR_LIMIT_FLAGS,
  ...RETENTION_FLAGS,
} as const;
