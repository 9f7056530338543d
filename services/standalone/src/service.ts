import { connectBus, ensureAlertStreams, ensureStreams, SampleWriter } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import { startCompacting } from "@monotreme/compactor";
import { type ParsedFlags, processCommandLine } from "@monotreme/config";
import { gatewayRoutes } from "@monotreme/gateway";
import { createApp, externalUrlOf, type HttpListener, routePrefixOf } from "@monotreme/http";
import { startIngestPipeline } from "@monotreme/ingester";
import { lifecycleRoutes, type ServiceScope } from "@monotreme/lifecycle";
import { loadPrometheusConfig, type PrometheusConfig, TenantLimits } from "@monotreme/prometheus-config";
import {
  announceChange,
  createRuleDirectory,
  createQueryStorage,
  createStorageAdministration,
  createTargetDirectory,
  openResultCache,
  QueryLog,
  queryRoutes,
  warmUp,
} from "@monotreme/query";
import { loadTiers } from "@monotreme/retention";
import { checkRuleFiles, checkRuleObjects, startRuling } from "@monotreme/ruler";
import { type Scraper, startScraping } from "@monotreme/scraper";
import { createSampleSource, migrateStorage } from "@monotreme/storage";
import { type AlertmanagerBeside, prepareAlertmanagerBeside } from "./alertmanager-beside.ts";
import type { STANDALONE_FLAGS } from "./config.ts";
import { startNodeExporter } from "./embedded/node-exporter.ts";
import { type HeartbeatBeside, prepareHeartbeatBeside } from "./heartbeat-beside.ts";
import { createStandaloneMetrics } from "./metrics.ts";
import { type PartUrls, startParts } from "./parts.ts";

/** Request bodies above this are refused; the largest that remote write allows. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

type StandaloneFlags = ParsedFlags<typeof STANDALONE_FLAGS>;

/**
 * The composition root: the servers beside it first, then what writes and reads them, inputs last. Everything is
 * released in reverse, so the inputs stop first and the servers last.
 */
export async function startStandalone(flags: StandaloneFlags, scope: ServiceScope): Promise<void> {
  const { values } = flags;
  const { telemetry } = scope;
  const { logger, registry } = telemetry;
  const { environment } = processCommandLine();
  // A fault in the file or a taken port is told before anything is started.
  const config = await loadPrometheusConfig(values.configFile, environment);
  if (values.roles.includes("ruler")) {
    await checkRuleFiles(config, values.features);
    await checkRuleObjects(values, environment);
  }
  const tiers = await loadTiers(values.tiersFile);
  const listener = await scope.listen(values.listenAddress, "Monotreme", { routePrefix: routePrefixOf(values) });
  logger.info({ address: listener.url, storage: values.storagePath }, "starting");
  const alertmanager = values.roles.includes("alertmanager")
    ? await prepareAlertmanagerBeside(values, scope)
    : undefined;
  const heartbeat = values.roles.includes("heartbeat") ? await prepareHeartbeatBeside(values, scope) : undefined;
  const metrics = createStandaloneMetrics(registry);
  const urls = await startParts({ ...values, tiers, logger, metrics }, scope);
  if (values.nodeExporterAddress !== undefined) {
    const address = values.nodeExporterAddress;
    await scope.acquire("node-exporter", () =>
      startNodeExporter({ ...address, dataPath: `${values.storagePath}/node-exporter`, logger }),
    );
  }
  await startRoles(flags, { config, urls, listener, alertmanager, heartbeat }, scope);
  listener.markReady();
  process.stdout.write(readyLine(listener.url + routePrefixOf(values), { alertmanager, heartbeat }));
}

interface Prepared {
  readonly config: PrometheusConfig;
  readonly urls: PartUrls;
  readonly listener: HttpListener;
  readonly alertmanager: AlertmanagerBeside | undefined;
  readonly heartbeat: HeartbeatBeside | undefined;
}

async function startRoles(
  { values, texts }: StandaloneFlags,
  { config, urls, listener, alertmanager, heartbeat }: Prepared,
  scope: ServiceScope,
): Promise<void> {
  const { telemetry } = scope;
  const { logger, registry } = telemetry;
  const roles = new Set(values.roles);
  const bus = await scope.acquire("bus", () => connectBus({ url: urls.nats, name: "standalone", logger, registry }));
  await ensureStreams(bus, { ...values, replicas: values.streamReplicas });
  await ensureAlertStreams(bus, values.streamReplicas);
  const clickhouse = await scope.acquire(
    "clickhouse",
    () => new ClickHouse({ url: urls.clickhouse, database: values.clickhouseDatabase }),
  );
  await migrateStorage(clickhouse, { logger });
  const writer = await scope.acquire("sample-writer", () => new SampleWriter(bus));
  if (roles.has("ingester")) {
    await scope.acquire("ingester", () =>
      startIngestPipeline({ ...values, ...ownerOfPartitions(values), bus, clickhouse, telemetry }),
    );
  }
  const queryLog = await scope.acquire("query-log", () => new QueryLog({ logger }));
  if (roles.has("query")) await queryLog.use(config.global.queryLogFile);
  const tenantLimits = await TenantLimits.open(values.limitsFile);
  scope.onReload(async () => tenantLimits.reload());
  const app = createApp({ telemetry, bodyLimitBytes: MAX_BODY_BYTES });
  let scraper: Scraper | undefined;
  if (roles.has("query")) {
    const startedMs = Date.now();
    const storage = createQueryStorage(clickhouse);
    const cache = await scope.acquire("result-cache", async () =>
      openResultCache({ ...values, bus, redisUrl: urls.redis }),
    );
    await warmUp(storage, Date.now);
    await app.register(
      queryRoutes({
        ...values,
        clickhouse: { url: urls.clickhouse, database: values.clickhouseDatabase },
        queryLog,
        tenantLimits,
        cache: cache.parts,
        storage,
        administration: createStorageAdministration(clickhouse, async (tenant) => announceChange(bus, tenant)),
        targets: createTargetDirectory(bus),
        rules: createRuleDirectory(bus),
        telemetry,
        info: {
          roles: values.roles,
          startedMs,
          flags: texts,
          renderConfig: () => (scraper?.config ?? config).renderConfig(),
          configState: () => scraper?.configState ?? { loadedMs: startedMs, isSuccess: true },
        },
        externalLabels: () => (scraper?.config ?? config).global.externalLabels,
        evaluationIntervalMs: config.global.evaluationIntervalMs,
        now: Date.now,
      }),
    );
  }
  const servers = { bus, clickhouse, redisUrl: urls.redis, replicas: values.streamReplicas };
  await alertmanager?.start(servers);
  await heartbeat?.start(servers);
  if (roles.has("ruler")) {
    const { environment } = processCommandLine();
    const ruler = await scope.acquire("ruler", () =>
      startRuling({
        ...values,
        bus,
        writer,
        sourceOf: (tenant, options) => createSampleSource(clickhouse, tenant, options),
        telemetry,
        environment,
        externalUrl: externalUrlOf(values, listener.url),
      }),
    );
    scope.onReload(async () => ruler.reload());
    await app.register(ruler.routes);
  }
  if (roles.has("compactor")) {
    const compactor = await scope.acquire("compactor", () =>
      startCompacting({ ...values, bus, clickhouse, telemetry }),
    );
    scope.onReload(async () => compactor.reload());
    await app.register(compactor.routes);
  }
  if (roles.has("gateway"))
    await app.register(gatewayRoutes({ ...values, writer, telemetry, tenantLimits, now: Date.now }));
  await app.register(
    lifecycleRoutes({ isEnabled: values.enableLifecycle, reload: () => scope.reload(), quit: () => scope.quit() }),
  );
  await listener.mount(app);
  await scope.acquire("http-requests", () => ({ close: (deadline) => listener.drain(deadline) }));
  if (roles.has("scraper")) {
    const { environment } = processCommandLine();
    const started = await scope.acquire("scraper", () =>
      startScraping({ ...values, bus, writer, telemetry, environment }),
    );
    scope.onReload(() => started.reload());
    // After the scraper has read the file again.
    if (roles.has("query")) scope.onReload(() => queryLog.use(started.config.global.queryLogFile));
    scraper = started;
  }
}

/** On a NATS of its own there is nobody to share the partitions with, nor the lease of an earlier run to wait for. */
function ownerOfPartitions({ natsUrl, ingesterLeaseTtl }: StandaloneFlags["values"]): {
  readonly ingesterLeaseTtl: number | undefined;
} {
  return { ingesterLeaseTtl: natsUrl === undefined ? undefined : ingesterLeaseTtl };
}

/** The one line that scripts and people wait for. */
function readyLine(url: string, { alertmanager, heartbeat }: Pick<Prepared, "alertmanager" | "heartbeat">): string {
  const addresses = [
    `web and API ${url}`,
    `remote write ${url}/api/v1/write`,
    `Grafana data source (Prometheus) ${url}`,
    ...(heartbeat === undefined ? [] : [`heartbeats ${heartbeat.externalUrl}`]),
    ...(alertmanager === undefined ? [] : [`alertmanager ${alertmanager.externalUrl}`]),
  ];
  return `monotreme is ready: ${addresses.join(", ")}\n`;
}
