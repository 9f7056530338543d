import type { ClickHouse } from "@monotreme/clickhouse";
import type { SampleSource } from "@monotreme/promql";
import {
  createSampleSource,
  createSeriesIndex,
  createSeriesLookups,
  type SampleSourceOptions,
  type SeriesIndex,
} from "@monotreme/storage";

/** What one tenant may read. */
export interface QueryStorage {
  samples(tenant: string, options?: SampleSourceOptions): SampleSource;
  index(tenant: string): SeriesIndex;
}

/** Reads each tenant's samples and index from ClickHouse. */
export function createQueryStorage(clickhouse: ClickHouse): QueryStorage {
  const lookups = createSeriesLookups(clickhouse);
  return {
    samples: (tenant, options) => createSampleSource(clickhouse, tenant, { ...options, lookups }),
    index: (tenant) => createSeriesIndex(clickhouse, tenant),
  };
}
