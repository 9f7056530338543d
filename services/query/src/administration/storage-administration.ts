import type { ClickHouse } from "@monotreme/clickhouse";
import { readSeriesStatistics, type SeriesStatistics, type StatisticsRequest } from "@monotreme/storage";

/** What the status and admin routes ask of the store, beside reading samples. */
export interface StorageAdministration {
  statistics(tenant: string, request: StatisticsRequest): Promise<SeriesStatistics>;
}

export function createStorageAdministration(clickhouse: ClickHouse): StorageAdministration {
  return {
    statistics: (tenant, request) => readSeriesStatistics(clickhouse, tenant, request),
  };
}
