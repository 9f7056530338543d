import { createApp, type FastifyInstance } from "@monotreme/http";
import { Labels } from "@monotreme/model";
import type { SampleSource } from "@monotreme/promql";
import { MemorySource } from "@monotreme/promql/testing";
import type { SeriesIndex } from "@monotreme/storage";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import type { StorageAdministration } from "../administration/storage-administration.ts";
import type { RuleDirectory } from "../rules/rule-directory.ts";
import type { TargetDirectory } from "../targets/target-directory.ts";
import { queryRoutes, type QueryRoutesOptions } from "./query-routes.ts";

export const NOW_MS = 1_750_000_000_000;

export interface Fixture {
  readonly app: FastifyInstance;
  readonly registry: Registry;
}

export interface FixtureOptions extends Partial<Omit<QueryRoutesOptions, "administration" | "storage" | "telemetry">> {
  readonly source?: SampleSource;
  readonly index?: Partial<SeriesIndex>;
  readonly administration?: Partial<StorageAdministration>;
  /** Told of every tenant that something is read for. */
  readonly onTenant?: (tenant: string) => void;
}

/** The API over samples in memory, for tests. */
export async function createFixture({
  source,
  index,
  onTenant,
  administration,
  ...options
}: FixtureOptions = {}): Promise<Fixture> {
  const readAs = <T>(tenant: string, value: T): T => {
    onTenant?.(tenant);
    return value;
  };
  const registry = new Registry();
  const telemetry = { registry, logger: createSilentLogger() };
  const app = createApp({ telemetry, bodyLimitBytes: 1000 });
  await app.register(
    queryRoutes({
      telemetry,
      storage: {
        samples: (tenant) => readAs(tenant, source ?? upSource()),
        index: (tenant) => readAs(tenant, { ...EMPTY_INDEX, ...index }),
      },
      administration: { ...NO_ADMINISTRATION, ...administration },
      externalLabels: () => ({}),
      targets: NO_TARGETS,
      rules: NO_RULES,
      info: {
        roles: ["query"],
        startedMs: NOW_MS,
        flags: new Map([
          ["b", "2"],
          ["a", "1"],
        ]),
        renderConfig: () => "global: {}\n",
        configState: () => ({ loadedMs: NOW_MS, isSuccess: true }),
      },
      lookbackMs: 300_000,
      timeoutMs: 120_000,
      maxConcurrency: 2,
      maxQueued: 1,
      maxSamples: 1000,
      maxSeries: 1000,
      maxReadBytes: 1_000_000,
      maxSteps: 11_000,
      maxConcurrencyPerTenant: 2,
      workers: 0,
      workerHeapBytes: 0,
      maxMemoryBytes: 0,
      slowQueryMs: 0,
      autoDownsampling: true,
      enableAdminApi: false,
      corsOrigin: ".*",
      features: "",
      evaluationIntervalMs: 60_000,
      now: () => NOW_MS,
      ...options,
    }),
  );
  return { app, registry };
}

const EMPTY_INDEX: SeriesIndex = {
  series: async () => ({ items: [], isTruncated: false }),
  labelNames: async () => ({ items: [], isTruncated: false }),
  labelValues: async () => ({ items: [], isTruncated: false }),
  metadata: async () => new Map(),
};

const NO_ADMINISTRATION: StorageAdministration = {
  statistics: async () => ({
    seriesCount: 0,
    labelPairCount: 0,
    timeRange: undefined,
    seriesCountByMetric: [],
    valueCountByLabel: [],
    valueBytesByLabel: [],
    seriesCountByLabelPair: [],
  }),
  exemplars: () => ({ exemplars: async () => [] }),
  deleteSeries: async () => undefined,
  deletions: async () => [],
  cleanTombstones: async () => undefined,
};

const NO_TARGETS: TargetDirectory = {
  targets: async () => ({ activeTargets: [], droppedTargets: [], droppedTargetCounts: {}, warnings: [] }),
  metadata: async () => ({ metadata: [], warnings: [] }),
  scrapePool: async () => undefined,
};

const NO_RULES: RuleDirectory = {
  rules: async () => ({ groups: [], warnings: [] }),
  alertmanagers: async () => ({ active: [], dropped: [], warnings: [] }),
};

/** `up` of two instances, a sample every 15 s for an hour before NOW_MS: 1 for `a`, 0.5 for `b`. */
function upSource(): MemorySource {
  const source = new MemorySource();
  for (const [instance, value] of [
    ["b", 0.5],
    ["a", 1],
  ] as const) {
    const times = Array.from({ length: 241 }, (_, i) => NOW_MS - 3_600_000 + i * 15_000);
    source.append(
      Labels.fromObject({ __name__: "up", instance }),
      times.map((timestampMs) => ({ timestampMs, value })),
    );
  }
  return source;
}
