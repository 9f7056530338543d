import { type BucketTimes, unpackBucketTimes } from "@monotreme/blocks";
import type { Dictionary } from "@monotreme/clickhouse";

/** The times of buckets, unpacked once for all the series that share them. Nobody may change what this hands out. */
export class BucketTimesCache {
  readonly #resolutionMs: number;
  readonly #maxEntries: number;
  readonly #known = new Map<string, BucketTimes>();

  /** Beyond `maxEntries` it begins anew. */
  constructor(resolutionMs: number, maxEntries = Infinity) {
    this.#resolutionMs = resolutionMs;
    this.#maxEntries = maxEntries;
  }

  /** Of the chunk in that row of a block, whose column `times` the dictionary is. */
  at({ keys, indexes }: Dictionary, row: number, startMs: number): BucketTimes {
    const bytes = keys[indexes[row]!]!;
    const key = `${startMs}/${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1")}`;
    let times = this.#known.get(key);
    if (times === undefined) {
      times = unpackBucketTimes(bytes, startMs, this.#resolutionMs);
      if (this.#known.size >= this.#maxEntries) this.#known.clear();
      this.#known.set(key, times);
    }
    return times;
  }
}
