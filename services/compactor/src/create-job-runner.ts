import type { Bus } from "@monotreme/bus";
import type { ClickHouse } from "@monotreme/clickhouse";
import { type BlockCatalog, DeletionMasks } from "@monotreme/storage";
import type { Logger } from "@monotreme/telemetry";
import { publishBlockEvents } from "./block-events.ts";
import type { BlockLeases } from "./block-leases.ts";
import { createBucketMaker } from "./buckets/make-buckets.ts";
import { JobRunner } from "./job-runner.ts";
import { type ClassesOfSeries, createRawJob } from "./jobs/raw-job.ts";
import type { JobMeter } from "./metrics.ts";

export interface CreateRunnerOptions {
  readonly bus: Bus;
  readonly clickhouse: ClickHouse;
  readonly catalog: BlockCatalog;
  readonly leases: BlockLeases;
  readonly classesOf: ClassesOfSeries;
  readonly meter: JobMeter;
  readonly logger: Logger;
}

/** Puts the jobs of all resolutions together. */
export function createJobRunner(options: CreateRunnerOptions): JobRunner {
  const { bus, clickhouse, catalog, leases, classesOf, meter, logger } = options;
  const loadMasks = async (signal: AbortSignal): Promise<DeletionMasks> => DeletionMasks.load(clickhouse, { signal });
  return new JobRunner({
    clickhouse,
    catalog,
    leases,
    rawJob: createRawJob({ clickhouse, classesOf, loadMasks }),
    rewriteJob: createRawJob({ clickhouse, classesOf, loadMasks, isRewriting: true }),
    makeBuckets: createBucketMaker({ clickhouse, classesOf, loadMasks }),
    meter,
    logger,
    onBlock: publishBlockEvents(bus, logger),
  });
}
