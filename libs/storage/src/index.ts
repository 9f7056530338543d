export { collapseDuplicates, isBetterSample, type SampleColumns } from "./better-sample.ts";
export { createSampleSource, type SampleSourceOptions } from "./click-house-sample-source.ts";
export { type ActiveDeletion, type DeletedRange, DeletionMasks, withoutDeleted } from "./blocks/deletion-masks.ts";
export { DAY_MS, dayOf, indexDay } from "./day.ts";
export {
  createExemplarSource,
  type Exemplar,
  type ExemplarRequest,
  type ExemplarSource,
  type SeriesExemplars,
} from "./exemplar-source.ts";
export {
  createSampleStore,
  type ExemplarRow,
  type HistogramInsert,
  type MetadataRow,
  type NumberLists,
  type SampleInsert,
  type SampleStore,
  type SeriesRow,
  type StartInsert,
  type WriteOptions,
} from "./sample-store.ts";
export { migrateStorage, STORAGE_MIGRATIONS } from "./schema.ts";
export { cleanTombstones, type DeletionRequest, deleteSeries } from "./series-deletion.ts";
export { createHistogramPresence, HistogramPresence } from "./histogram-presence.ts";
export type { TimeRange } from "./series-filter.ts";
export {
  createSeriesIndex,
  type IndexAnswer,
  type IndexRequest,
  type MetadataRequest,
  type SeriesIndex,
} from "./series-index.ts";
export {
  type NamedCount,
  readSeriesStatistics,
  type SeriesStatistics,
  type StatisticsRequest,
} from "./series-statistics.ts";
export { createSeriesLookups, SeriesLookups, type SeriesLookupsOptions } from "./series-lookups.ts";
