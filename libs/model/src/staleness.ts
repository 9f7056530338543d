/**
 * Prometheus marks the end of a series with a NaN of its own bits (`model/value`), 0x7ff0000000000002, and stores every
 * other NaN as 0x7ff8000000000001. JavaScript may change the payload of a NaN that passes through a number, so markers
 * are recognised and written through 32-bit views of the same bytes, never through numbers.
 */
export const STALE_NAN_HIGH = 0x7ff00000;
export const STALE_NAN_LOW = 0x00000002;
export const NORMAL_NAN_HIGH = 0x7ff80000;
export const NORMAL_NAN_LOW = 0x00000001;

/** The 32-bit words of a Float64Array's own bytes: low word of value i at 2i, high word at 2i + 1 (little endian). */
export function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

/** Whether value `index` is a staleness marker; `words` comes from {@link wordsOf}. */
export function isStaleAt(words: Uint32Array, index: number): boolean {
  return words[index * 2 + 1] === STALE_NAN_HIGH && words[index * 2] === STALE_NAN_LOW;
}

/** Writes a staleness marker as value `index`; `words` comes from {@link wordsOf}. */
export function writeStaleAt(words: Uint32Array, index: number): void {
  words[index * 2] = STALE_NAN_LOW;
  words[index * 2 + 1] = STALE_NAN_HIGH;
}
