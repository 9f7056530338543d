export { collapseDuplicates, isBetterSample, type SampleColumns } from "./better-sample.ts";
export {
  BLOCK_STATES,
  BlockCatalog,
  type BlockHistory,
  blockHistories,
  type BlockKey,
  blockKeyText,
  type BlockNumbers,
  type BlockRecord,
  type BlockState,
  type CatalogRequest,
  nextDeletionGeneration,
  nextGeneration,
  resolutionOf,
} from "./blocks/block-catalog.ts";
export { readSampleParts, type SamplePart, type SampleParts, unfoldedParts } from "./blocks/block-catalog-parts.ts";
export {
  BlockSnapshot,
  readBlockSnapshot,
  type SnapshotRange,
  windowInput,
  windowInputs,
} from "./blocks/block-catalog-snapshot.ts";
export { type BlocksNow, BlockView, blockViewOf, type BlockViewOptions } from "./blocks/block-view.ts";
export { BucketChunkBatch, type BucketOrigin, packedBytes } from "./blocks/bucket-chunk-batch.ts";
export { BucketTimesCache } from "./blocks/bucket-times-cache.ts";
export {
  type BucketHistogramRow,
  type HistogramStream,
  insertBucketHistograms,
  isSameSeries,
  readBucketHistograms,
  streamHistograms,
  type StoredHistogram,
} from "./blocks/bucket-histograms.ts";
export { bucketColumnsFor } from "./blocks/bucket-columns-for.ts";
export { CHUNK_COLUMNS, ChunkAssembler, type OpenRange } from "./blocks/chunk-assembler.ts";
export { mergeSamples } from "./blocks/merge-samples.ts";
export {
  type ChunkInsertOptions,
  type ChunkOrigin,
  type ChunkSeries,
  RawChunkBatch,
} from "./blocks/raw-chunk-batch.ts";
export { type BucketRead, readBuckets } from "./blocks/read-buckets.ts";
export { type PackedBucketChunk, StoredBuckets, withoutDeletedBuckets } from "./blocks/stored-buckets.ts";
export { bucketsWithin, sliceBuckets, weaveBuckets } from "./blocks/weave-buckets.ts";
export { createSampleSource, type SampleSourceOptions } from "./click-house-sample-source.ts";
export { type ActiveDeletion, type DeletedRange, DeletionMasks, withoutDeleted } from "./blocks/deletion-masks.ts";
export {
  DELETION_STATES,
  type DeletionReceipt,
  type DeletionState,
  highestDeletionWithin,
  readDeletionReceipts,
  type ReceiptRequest,
  writeDeletionReceipt,
} from "./blocks/deletion-receipts.ts";
export { NOTHING_REMOVED, RemovalBatch, type Removed } from "./blocks/deletion-removals.ts";
export { DAY_MS, dayOf, indexDay } from "./day.ts";
export { forgetEmptySeries, type ForgetRequest, type SeriesIds } from "./empty-series.ts";
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
