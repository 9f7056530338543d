import { BUCKET_COLUMNS, type BucketColumn, type BucketTimes, type Resolution, unpackBuckets } from "@monotreme/blocks";
import { mapColumns, type SampleBuckets } from "@monotreme/promql";
import type { OpenRange } from "./chunk-assembler.ts";
import type { DeletedRange, DeletionMasks } from "./deletion-masks.ts";
import { bucketsWithin } from "./weave-buckets.ts";

/** The buckets of one series in one block, their values still packed. */
export interface PackedBucketChunk {
  readonly startMs: number;
  readonly generation: number;
  readonly times: BucketTimes;
  readonly packed: Readonly<Partial<Record<BucketColumn, Uint8Array>>>;
}

export interface StoredBucketsOptions {
  readonly resolution: Resolution;
  readonly ranges: readonly OpenRange[];
  readonly columns: ReadonlySet<BucketColumn>;
  readonly masks?: DeletionMasks;
}

const ALWAYS = ["ends", "counts", "firstTimes", "lastTimes", "markerTimes"] as const;
type FilledColumn = BucketColumn | "resets" | (typeof ALWAYS)[number];

/**
 * Chunks of buckets that were read, in any order; each series is unpacked when it is taken. Of several chunks of one
 * series and block the one of the highest generation counts.
 */
export class StoredBuckets {
  readonly #options: StoredBucketsOptions;
  readonly #filled: readonly FilledColumn[];
  readonly #chunks = new Map<bigint, Map<bigint, PackedBucketChunk[]>>();
  #nothing = new Float64Array();

  constructor(options: StoredBucketsOptions) {
    this.#options = options;
    const { columns } = options;
    const values = BUCKET_COLUMNS.filter((column) => columns.has(column));
    this.#filled = [...ALWAYS, ...values, ...(columns.has("increases") ? (["resets"] as const) : [])];
  }

  add(metricId: bigint, seriesId: bigint, chunk: PackedBucketChunk): void {
    let ofMetric = this.#chunks.get(metricId);
    if (ofMetric === undefined) this.#chunks.set(metricId, (ofMetric = new Map()));
    const chunks = ofMetric.get(seriesId);
    if (chunks === undefined) {
      ofMetric.set(seriesId, [chunk]);
      return;
    }
    const at = chunks.findIndex(({ startMs }) => startMs === chunk.startMs);
    if (at < 0) chunks.push(chunk);
    else if (chunks[at]!.generation < chunk.generation) chunks[at] = chunk;
  }

  /** The ids of all series that were not taken yet. */
  *remaining(): Generator<readonly [metricId: bigint, seriesId: bigint]> {
    for (const [metricId, ofMetric] of this.#chunks) for (const seriesId of ofMetric.keys()) yield [metricId, seriesId];
  }

  /** The buckets of a series in the ranges, in time order; undefined where there are none. Each series is taken once. */
  take(metricId: bigint, seriesId: bigint): SampleBuckets | undefined {
    const ofMetric = this.#chunks.get(metricId);
    const chunks = ofMetric?.get(seriesId);
    if (chunks === undefined) return undefined;
    ofMetric?.delete(seriesId);
    const parts = chunks
      .toSorted((a, b) => a.startMs - b.startMs)
      .flatMap((chunk) => {
        const buckets = unpackBuckets(chunk.packed, chunk.times);
        return bucketsWithin(this.#unmasked(metricId, seriesId, chunk, buckets), this.#options.ranges);
      });
    return parts.length > 1 ? this.#join(parts) : parts[0];
  }

  /** As `joinBuckets`, but columns that were not read are not copied. */
  #join(parts: readonly SampleBuckets[]): SampleBuckets {
    const count = parts.reduce((sum, { ends }) => sum + ends.length, 0);
    if (this.#nothing.length < count) this.#nothing = new Float64Array(count).fill(Number.NaN);
    const nothing = this.#nothing.subarray(0, count);
    const joined: Record<FilledColumn, Float64Array> & { readonly resolutionMs: number } = {
      ...mapColumns(parts[0]!, () => nothing),
    };
    for (const column of this.#filled) {
      const values = new Float64Array(count);
      let at = 0;
      for (const part of parts) {
        values.set(part[column], at);
        at += part.ends.length;
      }
      joined[column] = values;
    }
    return joined;
  }

  #unmasked(metricId: bigint, seriesId: bigint, chunk: PackedBucketChunk, buckets: SampleBuckets): SampleBuckets {
    const { masks, resolution } = this.#options;
    if (masks === undefined || masks.isEmpty) return buckets;
    const words = [...wordsOfId(metricId), ...wordsOfId(seriesId)] as const;
    const ranges = masks
      .maskOf(words[0], words[1], words[2], words[3], chunk.startMs, resolution.blockMs)
      .filter(({ generation }) => chunk.generation < generation);
    return ranges.length === 0 ? buckets : withoutDeletedBuckets(buckets, ranges);
  }
}

/** The buckets of which nothing may have been deleted: a bucket cannot be cut, so one that a range touches goes whole. */
export function withoutDeletedBuckets(buckets: SampleBuckets, ranges: readonly DeletedRange[]): SampleBuckets {
  const { ends, firstTimes, lastTimes, markerTimes } = buckets;
  const isKept = Array.from(ends, (_, i) => {
    const times = [firstTimes[i]!, lastTimes[i]!, markerTimes[i]!].filter((time) => !Number.isNaN(time));
    const [from, until] = [Math.min(...times), Math.max(...times)];
    return !ranges.some(({ fromMs, untilMs }) => from <= untilMs && until >= fromMs);
  });
  return isKept.includes(false)
    ? mapColumns(buckets, (column) => column.filter((_, i) => isKept[i] === true))
    : buckets;
}

function wordsOfId(id: bigint): readonly [low: number, high: number] {
  return [Number(id & 0xffffffffn), Number(id >> 32n)];
}
