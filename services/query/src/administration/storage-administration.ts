import type { ClickHouse } from "@monotreme/clickhouse";
import {
  cleanTombstones,
  createExemplarSource,
  type DeletionRequest,
  deleteSeries,
  type ExemplarSource,
  readSeriesStatistics,
  type SeriesStatistics,
  type StatisticsRequest,
} from "@monotreme/storage";

/** What the status, exemplar and admin routes ask of the store, beside reading samples. */
export interface StorageAdministration {
  statistics(tenant: string, request: StatisticsRequest): Promise<SeriesStatistics>;
  exemplars(tenant: string): ExemplarSource;
  /** Deletes samples, and the series that are empty then; nothing of them is visible afterwards. */
  deleteSeries(tenant: string, request: DeletionRequest): Promise<void>;
  /** Frees the space of what was deleted, of every tenant. */
  cleanTombstones(signal: AbortSignal): Promise<void>;
}

/** `announce` tells whoever keeps results that a tenant's samples change. */
export function createStorageAdministration(
  clickhouse: ClickHouse,
  announce: (tenant: string) => Promise<void>,
): StorageAdministration {
  return {
    statistics: (tenant, request) => readSeriesStatistics(clickhouse, tenant, request),
    exemplars: (tenant) => createExemplarSource(clickhouse, tenant),
    async deleteSeries(tenant, request) {
      // First, so that nothing is deleted where it cannot be told; then again for results computed meanwhile.
      await announce(tenant);
      try {
        await deleteSeries(clickhouse, tenant, request);
      } finally {
        await announce(tenant);
      }
    },
    cleanTombstones: (signal) => cleanTombstones(clickhouse, signal),
  };
}
