import { type ClickHouse, type Migration, type MigrationOptions, runMigrations } from "@monotreme/clickhouse";
import { SAMPLES_MIGRATION } from "./migrations/0001-samples.ts";
import { HISTOGRAMS_MIGRATION } from "./migrations/0002-histograms.ts";
import { DELETED_SERIES_MIGRATION } from "./migrations/0003-deleted-series.ts";
import { BLOCKS_MIGRATION } from "./migrations/0004-blocks.ts";
import { DELETIONS_MIGRATION } from "./migrations/0005-deletions.ts";
import { BUCKET_HISTOGRAMS_MIGRATION } from "./migrations/0006-bucket-histograms.ts";

/** Every step of the schema, in order. */
export const STORAGE_MIGRATIONS: readonly Migration[] = [
  SAMPLES_MIGRATION,
  HISTOGRAMS_MIGRATION,
  DELETED_SERIES_MIGRATION,
  BLOCKS_MIGRATION,
  DELETIONS_MIGRATION,
  BUCKET_HISTOGRAMS_MIGRATION,
];

/** Brings the tables up to date; waits for a server that is not up yet, and may run in several processes at once. */
export async function migrateStorage(clickhouse: ClickHouse, options: MigrationOptions): Promise<void> {
  await runMigrations(clickhouse, STORAGE_MIGRATIONS, options);
}
