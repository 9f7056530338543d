import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import type { ClickHouse } from "./click-house.ts";

/** One step of a schema: statements that may be repeated (`IF NOT EXISTS`), because a step may be interrupted. */
export interface Migration {
  /** Such as `0001_samples`; migrations run in the order of their ids, and an id never changes its meaning. */
  readonly id: string;
  readonly statements: readonly string[];
  /** What has to look first; runs before the statements, and may be repeated as well. */
  readonly prepare?: (clickhouse: ClickHouse) => Promise<void>;
}

export interface MigrationOptions {
  readonly logger: Logger;
  /** How long to wait for a server that does not answer yet; 0 = one attempt. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 3000;
const DEFAULT_WAIT_MS = 60_000;

/**
 * Creates the database, then runs every migration that has not run yet. Waits for a server that is not up yet. Several
 * processes may do so at once: each statement may be repeated.
 */
export async function runMigrations(
  clickhouse: ClickHouse,
  migrations: readonly Migration[],
  options: MigrationOptions,
): Promise<void> {
  await waitForServer(clickhouse, options);
  await clickhouse.command(
    "CREATE TABLE IF NOT EXISTS migrations (id String, appliedAt DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY id",
  );
  const applied = await appliedMigrations(clickhouse);
  for (const migration of migrations.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    if (applied.has(migration.id)) continue;
    await migration.prepare?.(clickhouse);
    for (const statement of migration.statements) await clickhouse.command(statement);
    await clickhouse.insertNative("migrations", [{ name: "id", type: "String", values: [migration.id] }], 1);
    options.logger.info({ migration: migration.id }, "migration applied");
  }
}

async function appliedMigrations(clickhouse: ClickHouse): Promise<Set<string>> {
  const applied = new Set<string>();
  for await (const block of clickhouse.selectNative("SELECT id FROM migrations")) {
    for (const id of block.strings("id")) applied.add(id);
  }
  return applied;
}

async function waitForServer(clickhouse: ClickHouse, options: MigrationOptions): Promise<void> {
  const deadlineMs = performance.now() + (options.waitMs ?? DEFAULT_WAIT_MS);
  for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_RETRY_MS)) {
    try {
      return await clickhouse.createDatabase();
    } catch (error) {
      const canWait = error instanceof AppError && error.kind === "unavailable";
      if (!canWait || performance.now() + delayMs > deadlineMs) throw error;
      options.logger.debug({ err: error }, "waiting for ClickHouse");
      await sleep(delayMs, undefined, options.signal === undefined ? {} : { signal: options.signal });
    }
  }
}
