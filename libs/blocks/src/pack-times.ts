import { ByteReader, unreadableChunk } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { packIntegers, unpackIntegers } from "./pack-integers.ts";

/** One a millisecond for two hours. */
const MAX_SAMPLES = 7_200_000;

let offsets = new Float64Array(1024);

/** Writes ascending timestamps (whole epoch ms) as their number and their distances from `startMs`. */
export function packTimes(
  timestamps: Float64Array,
  from: number,
  count: number,
  startMs: number,
  writer: ByteWriter,
): void {
  if (offsets.length < count) offsets = new Float64Array(count * 2);
  for (let i = 0; i < count; i++) offsets[i] = timestamps[from + i]! - startMs;
  writer.varint(count);
  packIntegers(offsets, count, writer);
}

/** Reads what `packTimes` wrote for the same start. */
export function unpackTimes(bytes: Uint8Array, startMs: number, reader = new ByteReader(bytes)): Float64Array {
  const count = reader.varint();
  if (count > MAX_SAMPLES) throw unreadableChunk("it has too many samples");
  const timestamps = new Float64Array(count);
  unpackIntegers(bytes, reader, count, timestamps);
  for (let i = 0; i < count; i++) timestamps[i] = timestamps[i]! + startMs;
  return timestamps;
}
