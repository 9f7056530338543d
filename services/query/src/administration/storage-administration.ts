import type { ClickHouse } from "@monotreme/clickhouse";
import {
  blockViewOf,
  cleanTombstones,
  createExemplarSource,
  type DeletionReceipt,
  type DeletionRequest,
  deleteSeries,
  type ExemplarSource,
  readDeletionReceipts,
  readSeriesStatistics,
  type ReceiptRequest,
  type SeriesStatistics,
  type StatisticsRequest,
} from "@monotreme/storage";

/** What the status, exemplar and admin routes ask of the store, beside reading samples. */
export interface StorageAdministration {
  statistics(tenant: string, request: StatisticsRequest): Promise<SeriesStatistics>;
  exemplars(tenant: string): ExemplarSource;
  /**
   * Deletes samples, and the series that are empty then; nothing of them is visible afterwards. The receipt tells what
   * becomes of them in chunks; undefined where no series was found.
   */
  deleteSeries(tenant: string, request: DeletionRequest): Promise<DeletionReceipt | undefined>;
  /** Receipts of a tenant's deletions, newest first. */
  deletions(tenant: string, request: Pick<ReceiptRequest, "id" | "signal">): Promise<readonly DeletionReceipt[]>;
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
        return await deleteSeries(clickhouse, tenant, request);
      } finally {
        // Reads of this process know of the deletion at once, those of others as soon as they look again.
        blockViewOf(clickhouse).forget();
        await announce(tenant);
      }
    },
    deletions: (tenant, request) => readDeletionReceipts(clickhouse, { tenant, ...request }),
    cleanTombstones: (signal) => cleanTombstones(clickhouse, signal),
  };
}
