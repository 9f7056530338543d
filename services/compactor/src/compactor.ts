import { type Bus, Leases } from "@monotreme/bus";
import type { ClickHouse } from "@monotreme/clickhouse";
import { type Clock, SYSTEM_CLOCK } from "@monotreme/clock";
import type { FastifyInstance } from "@monotreme/http";
import { BlockCatalog } from "@monotreme/storage";
import type { Telemetry } from "@monotreme/telemetry";
import { blockLeases, LEASE_HOLDER } from "./block-leases.ts";
import { createJobRunner } from "./create-job-runner.ts";
import { type ForgettingSettings, openPlans, startForgetting } from "./forgetting.ts";
import type { JobRunner } from "./job-runner.ts";
import { createCompactorMetrics } from "./metrics.ts";
import { CatalogView } from "./plan/catalog-view.ts";
import { createClassesOfSeries } from "./retention/classes-of-series.ts";
import { blocksRoutes } from "./routes/blocks-routes.ts";
import { Scheduler } from "./scheduler.ts";
import { answerRunning, BlockStatus } from "./status/block-status.ts";

export interface CompactorOptions extends ForgettingSettings {
  readonly bus: Bus;
  readonly clickhouse: ClickHouse;
  readonly telemetry: Telemetry;
  readonly streamReplicas: number;
  readonly compactorDelayMs: number;
  readonly compactorLateDelayMs: number;
  readonly compactorGraceMs: number;
  readonly compactorIntervalMs: number;
  readonly compactorConcurrency: number;
  readonly compactorLeaseTtlMs: number;
  readonly clock?: Clock;
}

/** A running compactor. */
export interface Compactor {
  readonly catalog: BlockCatalog;
  readonly scheduler: Scheduler;
  readonly runner: JobRunner;
  /** `/api/v1/status/blocks`, as a plugin for `app.register`. */
  readonly routes: (app: FastifyInstance) => Promise<void>;
  /** Reads the retention policy again; throws `ConfigFileError` and keeps what was in force. */
  reload(): Promise<void>;
  /** Stops before the next insert and releases the leases. */
  close(): Promise<void>;
}

/** Begins to make blocks of what is due, and to forget what nobody wants any more. */
export async function startCompacting(options: CompactorOptions): Promise<Compactor> {
  const { bus, clickhouse, telemetry, clock = SYSTEM_CLOCK } = options;
  const logger = telemetry.logger.child({ component: "compactor" });
  const metrics = createCompactorMetrics(telemetry.registry);
  const plans = await openPlans(options, logger);
  const allLeases = await Leases.open(bus, {
    holder: LEASE_HOLDER,
    ttlMs: options.compactorLeaseTtlMs,
    replicas: options.streamReplicas,
  });
  const leases = blockLeases(allLeases, clock, () => metrics.leaseLosses.inc());
  const catalog = new BlockCatalog(clickhouse, leases.id);
  const classesOf = createClassesOfSeries(clickhouse, plans.policies);
  const runner = createJobRunner({ bus, clickhouse, catalog, leases, classesOf, meter: metrics.meter, logger });
  const plan = {
    delayMs: options.compactorDelayMs,
    lateDelayMs: options.compactorLateDelayMs,
    graceMs: options.compactorGraceMs,
  };
  const scheduler = new Scheduler({
    view: new CatalogView(clickhouse, catalog),
    runner,
    leases,
    clock,
    intervalMs: options.compactorIntervalMs,
    concurrency: options.compactorConcurrency,
    ...plan,
    metrics,
    logger,
  });
  const answers = answerRunning(bus, leases.id, () => runner.running, logger);
  scheduler.start();
  const forgetting = startForgetting({
    settings: options,
    plans,
    clickhouse,
    catalog,
    clock,
    logger,
    registry: telemetry.registry,
    intervalMs: options.compactorIntervalMs,
    leases,
    allLeases,
  });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    answers.close();
    await Promise.all([scheduler.close(), forgetting.close()]);
    await allLeases.close();
  };
  const routes = blocksRoutes(new BlockStatus({ clickhouse, catalog, bus, plan }));
  const reload = async (): Promise<void> => forgetting.reload();
  return { catalog, scheduler, runner, routes, reload, close: async () => (closing ??= close()) };
}
