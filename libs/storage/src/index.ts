export { collapseDuplicates, isBetterSample, type SampleColumns } from "./better-sample.ts";
export { createSampleSource, type SampleSourceOptions } from "./click-house-sample-source.ts";
export { DAY_MS, dayOf, indexDay } from "./day.ts";
export {
  createSampleStore,
  type MetadataRow,
  type SampleInsert,
  type SampleStore,
  type SeriesRow,
  type WriteOptions,
} from "./sample-store.ts";
export { migrateStorage, STORAGE_MIGRATIONS } from "./schema.ts";
export type { TimeRange } from "./series-filter.ts";
export {
  createSeriesIndex,
  type IndexAnswer,
  type IndexRequest,
  type MetadataRequest,
  type SeriesIndex,
} from "./series-index.ts";
