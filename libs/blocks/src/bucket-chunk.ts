import type { SampleBuckets } from "@monotreme/promql";
import { type BucketTimes, packBucketTimes } from "./bucket-chunk-times.ts";
import {
  type Borders,
  predictFirsts,
  predictIncreases,
  predictMaxs,
  predictMins,
  predictSums,
} from "./bucket-predictions.ts";
import { ByteReader, unreadableChunk } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { compact, countFilled, spread } from "./filled-columns.ts";
import { packIntegers, unpackIntegers } from "./pack-integers.ts";
import { packPredicted, unpackPredicted } from "./pack-predicted.ts";
import { commonExponent, packValues, unpackValues } from "./pack-values.ts";

/** The columns of a chunk of buckets, beside their times. `increases` holds the resets too. */
export const BUCKET_COLUMNS = ["lasts", "firsts", "mins", "maxs", "sums", "increases"] as const;
export type BucketColumn = (typeof BUCKET_COLUMNS)[number];

/** What a column is guessed from: without these its bytes cannot be read. */
const GUESSED_FROM: Readonly<Record<BucketColumn, readonly BucketColumn[]>> = {
  lasts: [],
  firsts: ["lasts"],
  mins: ["lasts", "firsts"],
  maxs: ["lasts", "firsts"],
  sums: ["lasts", "firsts"],
  increases: ["lasts", "firsts"],
};

/** The buckets of one series in one block, each column as bytes of its own. */
export type PackedBuckets = Readonly<Record<BucketColumn | "times", Uint8Array>>;

const NO_BYTES = new Uint8Array();
const NO_RESETS = 0;
const RESETS = 1;

const writer = new ByteWriter();
let nothing = new Float64Array();

/** The columns whose bytes must be there so that the given ones can be read: these, and what they are guessed from. */
export function bucketColumnsToRead(columns: Iterable<BucketColumn>): ReadonlySet<BucketColumn> {
  return new Set([...columns].flatMap((column) => [column, ...GUESSED_FROM[column]]));
}

/**
 * Packs buckets that lie in the block that begins at `startMs`. Times, counts, resets, firsts, lasts, mins and maxs come
 * back bit by bit; sums and increases within 1e-12, where their samples are decimals as decimals.
 */
export function packBuckets(buckets: SampleBuckets, startMs: number): PackedBuckets {
  packBucketTimes(buckets, startMs, writer);
  const times = writer.take();
  const count = countFilled(buckets.counts);
  const filled = (column: Float64Array): Float64Array => compact(column, buckets.counts, count);
  const borders = { counts: filled(buckets.counts), firsts: filled(buckets.firsts), lasts: filled(buckets.lasts) };
  const [mins, maxs] = [filled(buckets.mins), filled(buckets.maxs)];
  const noisy = { exponent: exponentOf([borders.firsts, borders.lasts, mins, maxs]) };
  const exact = (values: Float64Array, predictions: Float64Array): void =>
    packPredicted({ values, predictions, count }, writer);
  const written = (write: () => void): Uint8Array => {
    if (count > 0) write();
    return count > 0 ? writer.take() : NO_BYTES;
  };
  return {
    times,
    lasts: written(() => packValues(borders.lasts, 0, count, writer)),
    firsts: written(() => exact(borders.firsts, predictFirsts(borders.lasts))),
    mins: written(() => exact(mins, predictMins(borders))),
    maxs: written(() => exact(maxs, predictMaxs(borders))),
    sums: written(() =>
      packPredicted({ values: filled(buckets.sums), predictions: predictSums(borders), count, noisy }, writer),
    ),
    increases: written(() => {
      const resets = filled(buckets.resets);
      const hasResets = resets.some((value) => value > 0);
      writer.byte(hasResets ? RESETS : NO_RESETS);
      if (hasResets) packIntegers(resets, count, writer);
      const predictions = predictIncreases(borders, resets);
      packPredicted({ values: filled(buckets.increases), predictions, count, noisy }, writer);
    }),
  };
}

/**
 * Unpacks the columns whose bytes are given, those that they are guessed from among them; the others hold NaN
 * everywhere. Columns may be shared with other chunks: nobody may write to them.
 */
export function unpackBuckets(
  packed: Readonly<Partial<Record<BucketColumn, Uint8Array>>>,
  times: BucketTimes,
): SampleBuckets {
  const { filledCount: count, ...known } = times;
  const absent = nothingOf(known.ends.length);
  const columns = { lasts: absent, firsts: absent, mins: absent, maxs: absent, sums: absent, increases: absent };
  const result = { ...known, ...columns, resets: absent };
  if (packed.lasts === undefined) return result;
  const lasts = new Float64Array(count);
  if (count > 0) unpackValues(packed.lasts, new ByteReader(packed.lasts), count, lasts, 0);
  const spreadOut = (column: Float64Array, empty = Number.NaN): Float64Array => spread(column, known.counts, empty);
  result.lasts = spreadOut(lasts);
  if (packed.firsts === undefined) return result;
  const firsts = unpackColumn(packed.firsts, predictFirsts(lasts), false);
  result.firsts = spreadOut(firsts);
  const borders = { counts: compact(known.counts, known.counts, count), firsts, lasts };
  if (packed.mins !== undefined) result.mins = spreadOut(unpackColumn(packed.mins, predictMins(borders), false));
  if (packed.maxs !== undefined) result.maxs = spreadOut(unpackColumn(packed.maxs, predictMaxs(borders), false));
  if (packed.sums !== undefined) result.sums = spreadOut(unpackColumn(packed.sums, predictSums(borders), true), 0);
  if (packed.increases !== undefined) {
    const { resets, increases } = unpackIncreases(packed.increases, borders);
    result.resets = spreadOut(resets, 0);
    result.increases = spreadOut(increases, 0);
  }
  return result;
}

function unpackColumn(bytes: Uint8Array, predictions: Float64Array, isNoisy: boolean): Float64Array {
  if (predictions.length === 0) return predictions;
  return unpackPredicted(bytes, new ByteReader(bytes), { predictions, isNoisy });
}

function unpackIncreases(bytes: Uint8Array, borders: Borders): { resets: Float64Array; increases: Float64Array } {
  const count = borders.lasts.length;
  const resets = new Float64Array(count);
  if (count === 0) return { resets, increases: resets };
  const reader = new ByteReader(bytes);
  const head = reader.byte();
  if (head > RESETS) throw unreadableChunk("resets are written in a way that is not known");
  if (head === RESETS) unpackIntegers(bytes, reader, count, resets);
  const predictions = predictIncreases(borders, resets);
  return { resets, increases: unpackPredicted(bytes, reader, { predictions, isNoisy: true }) };
}

/** Undefined where any value is no decimal. */
function exponentOf(columns: readonly Float64Array[]): number | undefined {
  let exponent = 0;
  for (const values of columns) {
    const own = commonExponent(values, 0, values.length, 0);
    if (own === undefined) return undefined;
    exponent = Math.max(exponent, own);
  }
  return exponent;
}

/** Columns that were not read share one that holds no numbers. */
function nothingOf(count: number): Float64Array {
  if (nothing.length < count) nothing = new Float64Array(Math.max(512, count)).fill(Number.NaN);
  return nothing.subarray(0, count);
}
