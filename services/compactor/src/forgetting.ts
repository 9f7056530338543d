import type { Leases } from "@monotreme/bus";
import type { ClickHouse } from "@monotreme/clickhouse";
import type { Clock } from "@monotreme/clock";
import { loadTiers, RetentionPolicies, type Tiers } from "@monotreme/retention";
import type { BlockCatalog } from "@monotreme/storage";
import type { Logger, Registry } from "@monotreme/telemetry";
import type { BlockLeases } from "./block-leases.ts";
import { createDeletionMetrics } from "./deletions/metrics.ts";
import { startDeletions } from "./deletions/start-deletions.ts";
import { createRetentionMetrics } from "./retention/metrics.ts";
import { startRetention } from "./retention/start-retention.ts";
import { createTieringMetrics } from "./tiering/metrics.ts";
import { moveOldPartitions } from "./tiering/move-partitions.ts";

/** What flags say of how long samples are kept. */
export interface ForgettingSettings {
  /** `--retention.policy.file`. */
  readonly retentionPolicyFile?: string | undefined;
  readonly retentionTimeMs?: number | undefined;
  readonly retentionSizeBytes?: number | undefined;
  readonly exemplarRetentionMs?: number;
  /** `--storage.tiers.file`. */
  readonly tiersFile?: string | undefined;
}

export interface ForgettingOptions {
  readonly settings: ForgettingSettings;
  readonly plans: ForgettingPlans;
  readonly clickhouse: ClickHouse;
  readonly catalog: BlockCatalog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  /** How often it is looked for deletions. */
  readonly intervalMs: number;
  /** Of single blocks. */
  readonly leases: BlockLeases;
  /** Of this process. */
  readonly allLeases: Leases;
}

/** What the files say. */
export interface ForgettingPlans {
  readonly policies: RetentionPolicies;
  readonly tiers: Tiers | undefined;
}

/** What takes samples away: retention and deletions. */
export interface Forgetting {
  /** Reads the policy again; throws `ConfigFileError` and keeps what was in force. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_EXEMPLARS_MS = 30 * 86_400_000;

/** Reads the files that the flags name; throws `ConfigFileError`. */
export async function openPlans(settings: ForgettingSettings, logger: Logger): Promise<ForgettingPlans> {
  return { policies: await openPolicies(settings, logger), tiers: await loadTiers(settings.tiersFile) };
}

/** Reads the policy that the flags name. */
export async function openPolicies(settings: ForgettingSettings, logger: Logger): Promise<RetentionPolicies> {
  const { retentionPolicyFile: path, retentionTimeMs, retentionSizeBytes } = settings;
  // 0 is how upstream writes that nothing is said.
  const [rawMs, maxSizeBytes] = [retentionTimeMs || undefined, retentionSizeBytes || undefined];
  const policies = await RetentionPolicies.open({ path, rawMs, maxSizeBytes });
  tellWarnings(policies, logger);
  return policies;
}

/** Begins to enforce retention and to carry out deletions, in the one compactor that holds the lease of each. */
export function startForgetting(options: ForgettingOptions): Forgetting {
  const { settings, plans, clickhouse, catalog, clock, logger, registry, intervalMs, leases, allLeases } = options;
  const { policies, tiers } = plans;
  const tiering = createTieringMetrics(registry);
  const shared = { clickhouse, catalog, clock, logger };
  const retention = startRetention({
    ...shared,
    policies,
    leases: allLeases,
    exemplarsMs: settings.exemplarRetentionMs ?? DEFAULT_EXEMPLARS_MS,
    metrics: createRetentionMetrics(registry),
    afterwards:
      tiers && (async (run) => void (await moveOldPartitions({ clickhouse, logger, tiers, metrics: tiering }, run))),
  });
  const deletions = startDeletions({
    ...shared,
    intervalMs,
    leases,
    allLeases,
    metrics: createDeletionMetrics(registry),
  });
  return {
    reload: async () => {
      await policies.reload();
      tellWarnings(policies, logger);
      retention.kick();
    },
    close: async () => {
      await Promise.all([retention.close(), deletions.close()]);
    },
  };
}

function tellWarnings({ warnings }: RetentionPolicies, logger: Logger): void {
  for (const warning of warnings) logger.warn({ warning }, "the retention policy may not say what is meant");
}
