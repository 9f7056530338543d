import type { ClickHouse } from "@monotreme/clickhouse";
import type { SampleSource } from "@monotreme/promql";
import {
  createHistogramPresence,
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

/** Reads each tenant's samples and index from ClickHouse; `defaults` hold where a read says nothing else. */
export function createQueryStorage(clickhouse: ClickHouse, defaults: SampleSourceOptions = {}): QueryStorage {
  const shared = { lookups: createSeriesLookups(clickhouse), histograms: createHistogramPresence(clickhouse) };
  return {
    samples: (tenant, options) => createSampleSource(clickhouse, tenant, { ...defaults, ...options, ...shared }),
    index: (tenant) => createSeriesIndex(clickhouse, tenant),
  };
}
