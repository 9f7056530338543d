import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import { createMatcherParser, type MatcherMode } from "@monotreme/alertmanager-config";
import type { Bus } from "@monotreme/bus";
import type { ClickHouse } from "@monotreme/clickhouse";
import { SYSTEM_CLOCK } from "@monotreme/clock";
import { processCommandLine } from "@monotreme/config";
import { createApp, externalUrlOf, type HttpListener, routePrefixOf } from "@monotreme/http";
import type { ServiceScope } from "@monotreme/lifecycle";
import type { Logger, Telemetry } from "@monotreme/telemetry";
import type { ApiContext } from "./api/api-context.ts";
import { apiRoutes } from "./api/api-routes.ts";
import { countAlerts } from "./api/count-alerts.ts";
import { ReplicaDirectory } from "./cluster/replica-directory.ts";
import type { AlertmanagerValues } from "./config.ts";
import { Configuration } from "./configuration/configuration.ts";
import { ReceiverFactory } from "./configuration/receiver-factory.ts";
import type { AlertmanagerCore } from "./engine/alertmanager-core.ts";
import { startCore } from "./engine/start-core.ts";
import { SilenceEvents } from "./events/silence-events.ts";
import { ClickHouseHistory } from "./history/click-house-history.ts";
import type { History } from "./history/history.ts";
import { MemoryHistory } from "./history/memory-history.ts";
import { type AlertmanagerMetrics, createAlertmanagerMetrics } from "./metrics.ts";
import { observeAlertmanager } from "./observed-metrics.ts";
import { endsSoonAlert } from "./silences/ends-soon-alert.ts";
import { openSilenceBucket } from "./silences/open-silence-bucket.ts";
import { NatsTokenBucket } from "./silences/nats-token-bucket.ts";
import { SilenceKeeper } from "./silences/silence-keeper.ts";
import { SilenceStore } from "./silences/silence-store.ts";
import { SilenceTokens } from "./silences/silence-tokens.ts";

/** The servers that the role works with. */
export interface AlertmanagerServers {
  readonly bus: Bus;
  readonly redisUrl: string;
  /** Where the history is kept; not given: the latest events of this process, in memory. */
  readonly clickhouse?: ClickHouse | undefined;
  /** Copies of streams and buckets. */
  readonly replicas: number;
}

/** A running role. */
export interface AlertmanagerRole {
  /** Reads the configuration again; rejects with what is wrong, and then nothing has changed. */
  reload(): Promise<void>;
}

const BODY_LIMIT_BYTES = 32 * 2 ** 20;

/** A role whose configuration is known to be good. */
export interface PreparedAlertmanager {
  readonly values: AlertmanagerValues;
  readonly metrics: AlertmanagerMetrics;
  readonly configuration: Configuration;
}

/** Reads the configuration, so that a fault in it is told before any server is asked for. */
export async function prepareAlertmanager(
  values: AlertmanagerValues,
  { registry, logger }: Telemetry,
): Promise<PreparedAlertmanager> {
  const metrics = createAlertmanagerMetrics(registry);
  const configuration = await Configuration.load({
    path: values.configFile,
    ntfyPath: values.ntfyConfigFile,
    matcherMode: matcherModeOf(values.features),
    metrics: metrics.config,
    logger,
    now: Date.now,
  });
  return { values, metrics, configuration };
}

/** Starts the alertmanager behind a listener: its state first, the API last. The caller marks the listener ready. */
export async function startAlertmanagerRole(
  prepared: PreparedAlertmanager,
  listener: HttpListener,
  scope: ServiceScope,
  servers: AlertmanagerServers,
): Promise<AlertmanagerRole> {
  const { values, metrics, configuration } = prepared;
  const parts = await startParts({ ...prepared, listener, scope, servers });
  observe(parts, scope);
  const reload = async (): Promise<void> =>
    configuration.reload(async (config) => parts.factory.change(config, () => parts.core.reload(config)));
  const app = createApp({ telemetry: scope.telemetry, bodyLimitBytes: BODY_LIMIT_BYTES });
  await app.register(
    apiRoutes({
      context: contextOf(parts, prepared),
      logger: scope.telemetry.logger,
      metrics: metrics.http,
      maxConcurrentGets: values.maxConcurrentGets > 0 ? values.maxConcurrentGets : Math.max(8, availableParallelism()),
      timeoutMs: values.webTimeoutMs,
      routePrefix: routePrefixOf(values),
      reload,
    }),
  );
  await listener.mount(app);
  await scope.acquire("alertmanager-api", () => ({ close: (deadline) => listener.drain(deadline) }));
  return { reload };
}

interface PartsOptions extends PreparedAlertmanager {
  readonly listener: HttpListener;
  readonly scope: ServiceScope;
  readonly servers: AlertmanagerServers;
}

interface Parts {
  readonly startedMs: number;
  readonly history: History;
  readonly silences: SilenceStore;
  readonly tokens: SilenceTokens;
  readonly factory: ReceiverFactory;
  readonly core: AlertmanagerCore;
  readonly replicas: ReplicaDirectory;
}

async function startParts(options: PartsOptions): Promise<Parts> {
  const { listener, values, scope, metrics, configuration, servers } = options;
  const { logger } = scope.telemetry;
  const { bus, replicas: copies, redisUrl } = servers;
  const externalUrl = externalUrlOf(values, listener.url);
  const silences = await openSilences(options);
  const lifetimeMs = values.silenceTokenLifetimeMs;
  const bucket = await NatsTokenBucket.open(bus, { replicas: copies, lifetimeMs });
  const tokens = new SilenceTokens({ bucket, silences, now: Date.now, lifetimeMs });
  const factory = await ReceiverFactory.create(configuration.current, {
    externalUrl,
    environment: processCommandLine().environment,
    logger,
    metrics: metrics.notifications,
    now: Date.now,
    createSilenceToken: async (request) => ({
      url: `${externalUrl}/api/v2/silence-token/${await tokens.create(request)}`,
    }),
  });
  const history = await scope.acquire("history", () => createHistory(servers, metrics, logger));
  const core = await scope.acquire("alertmanager-core", () =>
    startCore({
      ...values,
      history,
      bus,
      replicas: copies,
      redisUrl,
      config: configuration.current,
      silences,
      createIntegrations: (receiver) => factory.integrationsOf(receiver),
      renderRouteLabels: (route, data) => factory.routeLabels(route, data),
      externalUrl,
      clock: SYSTEM_CLOCK,
      logger,
      metrics,
      isClassicMode: values.features.has("classic-mode"),
    }),
  );
  await keepSilences({ values, scope, metrics, servers, silences, core, externalUrl });
  const self = { name: randomUUID(), address: listener.url.replace(/^https?:\/\//, "") };
  const replicas = await scope.acquire("replica-directory", () => new ReplicaDirectory(bus, self));
  return { startedMs: Date.now(), history, silences, tokens, factory, core, replicas };
}

function createHistory(
  { clickhouse }: AlertmanagerServers,
  { historyDropped }: AlertmanagerMetrics,
  logger: Logger,
): History {
  if (clickhouse === undefined) return new MemoryHistory();
  return new ClickHouseHistory({ clickhouse, logger, dropped: historyDropped });
}

async function openSilences({ values, scope, metrics, servers }: PartsOptions): Promise<SilenceStore> {
  const { bus, replicas } = servers;
  const events = new SilenceEvents(bus, Date.now);
  const bucket = await openSilenceBucket(bus, replicas);
  return scope.acquire("silences", () =>
    SilenceStore.open({
      bucket,
      now: Date.now,
      logger: scope.telemetry.logger.child({ component: "silences" }),
      retentionMs: values.retentionMs,
      maxSilences: values.maxSilences,
      maxSilenceSizeBytes: values.maxSilenceSizeBytes,
      isLogged: values.isSilenceLogged,
      metrics: metrics.silences,
      onChange: ({ kind, silence }) => events.publish(kind, silence),
    }),
  );
}

interface KeepOptions extends Pick<PartsOptions, "values" | "scope" | "metrics" | "servers"> {
  readonly silences: SilenceStore;
  readonly core: AlertmanagerCore;
  readonly externalUrl: string;
}

async function keepSilences(options: KeepOptions): Promise<void> {
  const { values, scope, metrics, servers, silences, core, externalUrl } = options;
  const { logger } = scope.telemetry;
  const events = new SilenceEvents(servers.bus, Date.now);
  await scope.acquire(
    "silence-keeper",
    () =>
      new SilenceKeeper({
        silences,
        alerts: core.alerts,
        clock: SYSTEM_CLOCK,
        logger: logger.child({ component: "silences" }),
        metrics: metrics.silences,
        isActing: () => core.isDispatching,
        noticeMs: values.silenceNoticeMs,
        onEndsSoon: (silence) => {
          events.publish("ends-soon", silence);
          if (!values.silenceAlerts) return;
          core.alerts.put([endsSoonAlert(silence, externalUrl, Date.now())]).catch((error: unknown) => {
            logger.warn({ err: error, silence: silence.id }, "the alert about the end of a silence was not kept");
          });
        },
      }),
  );
}

function contextOf(parts: Parts, { configuration, values, metrics }: PreparedAlertmanager): ApiContext {
  const { core, history, silences, tokens, replicas, startedMs } = parts;
  const parser = createMatcherParser(matcherModeOf(values.features));
  return {
    alerts: core.alerts,
    // Another object after each reload.
    get views() {
      return core.views;
    },
    silences,
    tokens,
    history,
    failedDeliveries: core.failedDeliveries,
    info: {
      startedMs,
      renderConfig: () => configuration.current.renderConfig(),
      receivers: () => configuration.current.receivers,
      cluster: () => replicas.status(),
    },
    parseMatcher: (text) => parser.parseMatcher(text),
    intake: metrics.intake,
    resolveTimeoutMs: () => configuration.current.global.resolveTimeoutMs,
    isClassicMode: values.features.has("classic-mode"),
    now: Date.now,
  };
}

function observe({ core, silences, replicas }: Parts, { telemetry }: ServiceScope): void {
  observeAlertmanager(telemetry.registry, {
    silences: () => silences.countByState(),
    alerts: () => countAlerts(core.alerts.values(), core.views, Date.now()),
    members: () => replicas.members.length,
    position: () => (core.isDispatching ? 0 : Math.max(1, replicas.position)),
  });
}

function matcherModeOf(features: ReadonlySet<string>): MatcherMode {
  if (features.has("classic-mode")) return "classic";
  return features.has("utf8-strict-mode") ? "utf8" : "fallback";
}
