import type { ClickHouse } from "@monotreme/clickhouse";
import type { SampleSource } from "@monotreme/promql";
import { createSampleSource, createSeriesIndex, type SeriesIndex } from "@monotreme/storage";

/** What one tenant may read. */
export interface QueryStorage {
  samples(tenant: string): SampleSource;
  index(tenant: string): SeriesIndex;
}

/** Reads each tenant's samples and index from ClickHouse. */
export function createQueryStorage(clickhouse: ClickHouse): QueryStorage {
  return {
    samples: (tenant) => createSampleSource(clickhouse, tenant),
    index: (tenant) => createSeriesIndex(clickhouse, tenant),
  };
}
