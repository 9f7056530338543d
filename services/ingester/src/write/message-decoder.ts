import {
  type BatchExemplar,
  decodeAnnouncements,
  decodeExemplars,
  decodeMetadata,
  decodeSampleBatch,
  type SampleBatch,
} from "@monotreme/contracts";
import type { MetadataRow, SeriesRow } from "@monotreme/storage";
import type { MetadataCache } from "./metadata-cache.ts";
import type { SeriesCache } from "./series-cache.ts";

/** A readable message: its samples as views of its bytes, and what of its labels and metadata is not stored yet. */
export interface DecodedMessage {
  readonly sequence: number;
  readonly sizeBytes: number;
  readonly batch: SampleBatch;
  readonly newSeries: readonly SeriesRow[];
  readonly newMetadata: readonly MetadataRow[];
  readonly exemplars: readonly BatchExemplar[];
}

/** Reads messages and leaves out the series and metadata that this process has written before. */
export class MessageDecoder {
  readonly #seriesCache: SeriesCache;
  readonly #metadataCache: MetadataCache;

  constructor(seriesCache: SeriesCache, metadataCache: MetadataCache) {
    this.#seriesCache = seriesCache;
    this.#metadataCache = metadataCache;
  }

  /**
   * Throws SampleBatchError for a message that is broken anywhere. New series count as known from now on: the caller
   * keeps the message until its rows are stored, or until the process ends.
   */
  decode(sequence: number, data: Uint8Array): DecodedMessage {
    const batch = decodeSampleBatch(data);
    const { tenant } = batch;
    // Everything is read before anything is remembered: a broken message must leave no trace.
    const series = Array.from(decodeAnnouncements(batch), (announcement): SeriesRow => ({ tenant, ...announcement }));
    const metadata = Array.from(decodeMetadata(batch), (entry): MetadataRow => ({ tenant, ...entry }));
    const exemplars = [...decodeExemplars(batch)];
    return {
      sequence,
      sizeBytes: data.length,
      batch,
      newSeries: series.filter((row) => this.#seriesCache.add(row)),
      exemplars,
      newMetadata: metadata.filter((row) => this.#metadataCache.add(row)),
    };
  }
}
