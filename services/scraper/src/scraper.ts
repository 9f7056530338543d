import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Bus, SampleSink } from "@monotreme/bus";
import { type Clock, PRECISE_SYSTEM_CLOCK } from "@monotreme/clock";
import { DEFAULT_TENANT, partitionOf } from "@monotreme/contracts";
import { createDiscoverer, discoveryMetrics } from "@monotreme/discovery";
import { messageOf } from "@monotreme/errors";
import { DEFAULT_SCRAPE_PROTOCOLS, SCRAPE_PROTOCOLS } from "@monotreme/exposition";
import { createSeriesHasher } from "@monotreme/model";
import type { PrometheusConfig, ScrapeConfig } from "@monotreme/prometheus-config";
import { MONOTREME_VERSION, type Telemetry } from "@monotreme/telemetry";
import { ConfigReloader, type ConfigState } from "./config-reloader.ts";
import { DiscoveryManager } from "./discovery/discovery-manager.ts";
import { createScraperMetrics } from "./metrics.ts";
import { answerQuestions } from "./routes/answer-questions.ts";
import { BatchPublisher } from "./scrape/batch-publisher.ts";
import { HttpScrapeClient } from "./scrape/http-scrape-client.ts";
import { BatchPool } from "./scrape/scrape-batch.ts";
import { ScrapeManager } from "./scrape/scrape-manager.ts";
import { ALL_TARGETS, NO_TARGETS, openTargetShare } from "./sharing/target-share.ts";

/** Upstream's form, because some exporters look at it. */
const USER_AGENT = `Prometheus/3.0 (Monotreme/${MONOTREME_VERSION})`;

export interface ScraperOptions {
  readonly bus: Bus;
  readonly writer: SampleSink;
  readonly telemetry: Telemetry;
  readonly configFile: string;
  readonly configAutoReload: boolean;
  readonly configAutoReloadInterval: number;
  /** Discovered targets that change are taken over at most this often, in ms; 5 s when not given. */
  readonly discoveryReloadInterval?: number;
  readonly partitions: number;
  /** For `$NAME` in external labels. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Upstream's `--enable-feature`; `st-storage` means something here. */
  readonly features?: string;
  /** Scrapers of the same group share their targets; empty or not given: this one scrapes all of them. */
  readonly group?: string;
  readonly scraperLeaseTtl?: number;
  readonly streamReplicas?: number;
  readonly tenant?: string;
  readonly clock?: Clock;
}

const DEFAULT_LEASE_TTL_MS = 6000;
const DEFAULT_DISCOVERY_INTERVAL_MS = 5000;

/** A running scraper. */
export interface Scraper {
  /** The configuration in force. */
  readonly config: PrometheusConfig;
  readonly configState: ConfigState;
  /** Reads the file again; throws `ConfigFileError` for a faulty one, which changes nothing. */
  reload(): Promise<void>;
  /** Stops all loops, then waits for the batches on their way. Writes no stale markers. */
  close(): Promise<void>;
}

/** Reads the configuration, throwing `ConfigFileError` for a faulty one, and starts to scrape. */
export async function startScraping(options: ScraperOptions): Promise<Scraper> {
  const { bus, writer, telemetry, partitions, configFile, environment } = options;
  const { tenant = DEFAULT_TENANT, clock = PRECISE_SYSTEM_CLOCK, features = "" } = options;
  const logger = telemetry.logger.child({ component: "scraper" });
  const metrics = createScraperMetrics(telemetry.registry);
  const batchPool = new BatchPool();
  const publisher = new BatchPublisher({ sink: writer, tenant, pool: batchPool, clock, metrics, logger });
  const storeStarts = features.split(",").some((name) => name.trim() === "st-storage");
  const { group = "", scraperLeaseTtl = DEFAULT_LEASE_TTL_MS, streamReplicas = 1 } = options;
  let share = NO_TARGETS;
  const manager = new ScrapeManager(
    {
      tenant,
      hasher: await createSeriesHasher(),
      partitionOf: (labels) => partitionOf(tenant, labels, partitions),
      owns: (targetKey) => share.owns(targetKey),
      createClient: (config) => new HttpScrapeClient(protobufFirst(config, storeStarts), USER_AGENT, environment),
      publisher,
      batchPool,
      clock,
      metrics,
      storeStarts,
      logger,
    },
    // Whoever takes a target over from another one of its group goes on with the same grid.
    group === "" ? hostname() : group,
  );
  share =
    group === ""
      ? ALL_TARGETS
      : await openTargetShare({
          bus,
          group,
          leaseTtlMs: scraperLeaseTtl,
          replicas: streamReplicas,
          onGained: () => manager.takeOwn(),
          onLost: async () => manager.leaveOthers(),
        });
  const shared = { clock, logger, metrics: discoveryMetrics(telemetry.registry), environment, userAgent: USER_AGENT };
  const discovery = new DiscoveryManager({
    clock,
    metrics,
    updateIntervalMs: options.discoveryReloadInterval ?? DEFAULT_DISCOVERY_INTERVAL_MS,
    createDiscoverer: (config) => createDiscoverer(config, shared),
    onTargets: (job, groups) => manager.sync(job, groups),
  });
  const apply = async (config: PrometheusConfig): Promise<void> => {
    await manager.applyConfig(config);
    await discovery.applyConfig(config.scrapeConfigs);
  };
  const reloader = new ConfigReloader({ path: configFile, environment, apply, clock, metrics, logger });
  await reloader.reload();
  if (options.configAutoReload) reloader.watch(options.configAutoReloadInterval);
  const reload = async (): Promise<void> => {
    try {
      await reloader.reload();
      logger.info({ path: configFile }, "configuration reloaded");
    } catch (error) {
      logger.error({ path: configFile, reason: messageOf(error) }, "configuration not reloaded");
      throw error;
    }
  };
  const replica = `${hostname()}/${randomUUID()}`;
  const questions = answerQuestions({
    bus,
    replica,
    pools: () => manager.pools,
    reload,
    logger,
  });
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await questions.close();
    await reloader.close();
    await discovery.close();
    await share.close();
    await manager.close();
    await publisher.close();
  };
  return {
    get config() {
      if (reloader.current === undefined) throw new Error("no configuration was ever applied");
      return reloader.current;
    },
    get configState() {
      return reloader.state;
    },
    reload,
    close: async () => {
      closing ??= closeAll();
      return closing;
    },
  };
}

/** Only protobuf says when counters began, so jobs that wish for no order of their own ask for it first. */
function protobufFirst(config: ScrapeConfig, isWanted: boolean): ScrapeConfig {
  const isDefault = config.scrapeProtocols.join() === DEFAULT_SCRAPE_PROTOCOLS.join();
  return isWanted && isDefault ? { ...config, scrapeProtocols: SCRAPE_PROTOCOLS } : config;
}
