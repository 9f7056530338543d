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

export function createStorageAdministration(clickhouse: ClickHouse): StorageAdministration {
  return {
    statistics: (tenant, request) => readSeriesStatistics(clickhouse, tenant, request),
    exemplars: (tenant) => createExemplarSource(clickhouse, tenant),
    deleteSeries: (tenant, request) => deleteSeries(clickhouse, tenant, request),
    cleanTombstones: (signal) => cleanTombstones(clickhouse, signal),
  };
}
