import { ByteReader, unreadableChunk } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { spread } from "./filled-columns.ts";
import { packIntegers, unpackIntegers } from "./pack-integers.ts";

/** More than any block has: a day of 5 minutes is 288, a week of hours 168. */
const MAX_BUCKETS = 1 << 16;

/** When the buckets of a chunk end, how many samples they hold, and when these were taken: what a scrape's series share. */
export interface BucketTimes {
  readonly resolutionMs: number;
  /** Epoch ms. */
  readonly ends: Float64Array;
  readonly counts: Float64Array;
  /** Epoch ms; NaN where the bucket has no samples. */
  readonly firstTimes: Float64Array;
  /** Epoch ms; NaN where the bucket has no samples. */
  readonly lastTimes: Float64Array;
  /** Epoch ms; NaN where no staleness marker ends the bucket. */
  readonly markerTimes: Float64Array;
  /** How many have samples. */
  readonly filledCount: number;
}

let scratch = new Float64Array(1024);

/**
 * Writes the times of buckets, relative to the start of their block: equal bytes for all series whose samples were taken
 * at the same times.
 */
export function packBucketTimes(times: Omit<BucketTimes, "filledCount">, startMs: number, writer: ByteWriter): void {
  const { resolutionMs, ends, counts, firstTimes, lastTimes, markerTimes } = times;
  const count = ends.length;
  if (scratch.length < count) scratch = new Float64Array(count * 2);
  writer.varint(count);
  for (let i = 0; i < count; i++) scratch[i] = (ends[i]! - startMs) / resolutionMs;
  packIntegers(scratch, count, writer);
  packIntegers(counts, count, writer);
  packOffsets(firstTimes, times, writer);
  packOffsets(lastTimes, times, writer);
  packMarkers(markerTimes, ends, writer);
}

type Filled = Pick<BucketTimes, "ends" | "counts">;

function packOffsets(column: Float64Array, { ends, counts }: Filled, writer: ByteWriter): void {
  let filled = 0;
  for (let i = 0; i < ends.length; i++) if (counts[i]! > 0) scratch[filled++] = ends[i]! - column[i]!;
  packIntegers(scratch, filled, writer);
}

function packMarkers(column: Float64Array, ends: Float64Array, writer: ByteWriter): void {
  let markers = 0;
  for (let i = 0; i < ends.length; i++) if (!Number.isNaN(column[i]!)) markers++;
  writer.varint(markers);
  let previous = 0;
  for (let i = 0; i < ends.length; i++) {
    if (Number.isNaN(column[i]!)) continue;
    writer.varint(i - previous);
    writer.varint(ends[i]! - column[i]!);
    previous = i;
  }
}

/** Reads what `packBucketTimes` wrote for a block with the same start. */
export function unpackBucketTimes(bytes: Uint8Array, startMs: number, resolutionMs: number): BucketTimes {
  const reader = new ByteReader(bytes);
  const count = reader.varint();
  if (count > MAX_BUCKETS) throw unreadableChunk("it has too many buckets");
  const ends = new Float64Array(count);
  const counts = new Float64Array(count);
  unpackIntegers(bytes, reader, count, ends);
  for (let i = 0; i < count; i++) ends[i] = startMs + ends[i]! * resolutionMs;
  unpackIntegers(bytes, reader, count, counts);
  let filledCount = 0;
  for (let i = 0; i < count; i++) if (counts[i]! > 0) filledCount++;
  const filled = { bytes, reader, ends, counts, filledCount };
  const firstTimes = unpackOffsets(filled);
  const lastTimes = unpackOffsets(filled);
  const markerTimes = unpackMarkers(reader, ends);
  return { resolutionMs, ends, counts, firstTimes, lastTimes, markerTimes, filledCount };
}

interface Offsets {
  readonly bytes: Uint8Array;
  readonly reader: ByteReader;
  readonly ends: Float64Array;
  readonly counts: Float64Array;
  readonly filledCount: number;
}

function unpackOffsets({ bytes, reader, ends, counts, filledCount }: Offsets): Float64Array {
  const offsets = new Float64Array(filledCount);
  unpackIntegers(bytes, reader, filledCount, offsets);
  const times = spread(offsets, counts, Number.NaN);
  // What is no number stays none.
  for (let i = 0; i < times.length; i++) times[i] = ends[i]! - times[i]!;
  return times;
}

function unpackMarkers(reader: ByteReader, ends: Float64Array): Float64Array {
  const times = new Float64Array(ends.length).fill(Number.NaN);
  const markers = reader.varint();
  if (markers > ends.length) throw unreadableChunk("it has more markers than buckets");
  let index = 0;
  for (let i = 0; i < markers; i++) {
    index += reader.varint();
    if (index >= ends.length) throw unreadableChunk("a marker lies outside");
    times[index] = ends[index]! - reader.varint();
  }
  return times;
}
