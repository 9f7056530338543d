import { connectBus } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import { type ParsedFlags, processCommandLine } from "@monotreme/config";
import { createApp, routePrefixOf } from "@monotreme/http";
import type { ServiceScope } from "@monotreme/lifecycle";
import {
  loadPrometheusConfig,
  parsePrometheusConfig,
  type PrometheusConfig,
  TenantLimits,
} from "@monotreme/prometheus-config";
import type { QUERY_FLAGS } from "./config.ts";
import { createStorageAdministration } from "./administration/storage-administration.ts";
import { queryRoutes } from "./routes/query-routes.ts";
import { announceChange } from "./cache/late-samples.ts";
import { openResultCache } from "./cache/open-result-cache.ts";
import { QueryLog } from "./execution/query-log.ts";
import { createQueryStorage } from "./execution/query-storage.ts";
import { warmUp } from "./execution/warm-up.ts";
import { createRuleDirectory } from "./rules/rule-directory.ts";
import { createTargetDirectory } from "./targets/target-directory.ts";

/** Bodies are forms at most. */
const BODY_LIMIT_BYTES = 10 * 2 ** 20;

/** Starts the query service as a process of its own. ClickHouse may be away: queries then say so until it is back. */
export async function startQuery(
  { values, texts }: ParsedFlags<typeof QUERY_FLAGS>,
  scope: ServiceScope,
): Promise<void> {
  const { telemetry } = scope;
  const { registry, logger } = telemetry;
  const startedMs = Date.now();
  const listener = await scope.listen(values.listenAddress, "Monotreme query", { routePrefix: routePrefixOf(values) });
  const prometheusConfig = await readConfig(values.configFile);
  const clickhouse = await scope.acquire(
    "clickhouse",
    () => new ClickHouse({ url: values.clickhouseUrl, database: values.clickhouseDatabase }),
  );
  const bus = await scope.acquire("bus", async () =>
    scope.reach(async () => connectBus({ url: values.natsUrl, name: "query", logger, registry, connectTimeoutMs: 0 })),
  );
  const cache = await scope.acquire("result-cache", async () => openResultCache({ ...values, bus }));
  const storage = createQueryStorage(clickhouse);
  const queryLog = await scope.acquire("query-log", () => new QueryLog({ logger }));
  await queryLog.use(prometheusConfig.global.queryLogFile);
  scope.onReload(async () => queryLog.use((await readConfig(values.configFile)).global.queryLogFile));
  const tenantLimits = await TenantLimits.open(values.limitsFile);
  scope.onReload(async () => tenantLimits.reload());
  const app = createApp({ telemetry, bodyLimitBytes: BODY_LIMIT_BYTES });
  await app.register(
    queryRoutes({
      ...values,
      clickhouse: { url: values.clickhouseUrl, database: values.clickhouseDatabase },
      queryLog,
      tenantLimits,
      cache: cache.parts,
      storage,
      administration: createStorageAdministration(clickhouse, async (tenant) => announceChange(bus, tenant)),
      targets: createTargetDirectory(bus),
      rules: createRuleDirectory(bus),
      telemetry,
      info: {
        roles: ["query"],
        startedMs,
        flags: texts,
        renderConfig: () => prometheusConfig.renderConfig(),
        configState: () => ({ loadedMs: startedMs, isSuccess: true }),
      },
      externalLabels: () => prometheusConfig.global.externalLabels,
      evaluationIntervalMs: prometheusConfig.global.evaluationIntervalMs,
      now: Date.now,
    }),
  );
  await warmUp(storage, Date.now);
  await listener.mount(app);
  await scope.acquire("query-api", () => ({ close: (deadline) => listener.drain(deadline) }));
  listener.markReady();
  logger.info({ address: listener.url, clickhouse: clickhouse.safeUrl }, "ready");
}

/** Without a file, what an empty one says. */
async function readConfig(path: string | undefined): Promise<PrometheusConfig> {
  const { environment } = processCommandLine();
  if (path !== undefined) return loadPrometheusConfig(path, environment);
  return parsePrometheusConfig({ fileName: "default", folder: ".", text: "" }, { environment });
}
