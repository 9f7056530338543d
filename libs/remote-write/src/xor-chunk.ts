/** Samples of a chunk at most, as Prometheus' head cuts them. */
export const MAX_CHUNK_SAMPLES = 120;

const LEADING_LIMIT = 31;
/** Sizes of the classes of a timestamp's second difference, and the bits that name each. */
const DELTA_CLASSES = [
  { prefix: 0b10, prefixBits: 2, bits: 14 },
  { prefix: 0b110, prefixBits: 3, bits: 17 },
  { prefix: 0b1110, prefixBits: 4, bits: 20 },
] as const;

/**
 * Encodes samples `[from, until)`, at most {@link MAX_CHUNK_SAMPLES}, as one XOR chunk of Prometheus' chunk format
 * (`tsdb/docs/format/chunks.md`): a count, then timestamps as differences of differences and values as the bits in
 * which each differs from the one before. Timestamps are whole epoch ms in ascending order; the bits of NaNs are kept.
 */
export function encodeXorChunk(
  timestamps: Float64Array,
  values: Float64Array,
  from: number,
  until: number,
): Uint8Array {
  const count = until - from;
  if (count < 1 || count > MAX_CHUNK_SAMPLES) throw new RangeError(`a chunk of ${count} samples`);
  const bits = new BitWriter();
  bits.write(count, 16);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  let leading = -1;
  let trailing = 0;
  let lastDelta = 0;
  for (let i = from; i < until; i++) {
    const low = words[i * 2] ?? 0;
    const high = words[i * 2 + 1] ?? 0;
    const timestamp = timestamps[i] ?? 0;
    if (i === from) {
      bits.varint(timestamp);
      bits.write64(high, low);
      continue;
    }
    const delta = timestamp - (timestamps[i - 1] ?? 0);
    if (i === from + 1) bits.uvarint(BigInt(delta));
    else writeSecondDifference(bits, delta - lastDelta);
    lastDelta = delta;
    const xorHigh = (high ^ (words[i * 2 - 1] ?? 0)) >>> 0;
    const xorLow = (low ^ (words[i * 2 - 2] ?? 0)) >>> 0;
    if (xorHigh === 0 && xorLow === 0) {
      bits.write(0, 1);
      continue;
    }
    const newLeading = Math.min(xorHigh === 0 ? 32 + Math.clz32(xorLow) : Math.clz32(xorHigh), LEADING_LIMIT);
    const newTrailing = xorLow === 0 ? 32 + trailingZeros(xorHigh) : trailingZeros(xorLow);
    if (leading >= 0 && newLeading >= leading && newTrailing >= trailing) bits.write(0b10, 2);
    else {
      [leading, trailing] = [newLeading, newTrailing];
      bits.write(0b11, 2);
      bits.write(leading, 5);
      // 64 significant bits have the place of 0, which cannot occur.
      bits.write((64 - leading - trailing) & 63, 6);
    }
    bits.writeMiddle(xorHigh, xorLow, leading, trailing);
  }
  return bits.toBytes();
}

function writeSecondDifference(bits: BitWriter, difference: number): void {
  if (difference === 0) return bits.write(0, 1);
  for (const { prefix, prefixBits, bits: size } of DELTA_CLASSES) {
    if (difference < -(2 ** (size - 1) - 1) || difference > 2 ** (size - 1)) continue;
    bits.write(prefix, prefixBits);
    return bits.write(difference & (2 ** size - 1), size);
  }
  bits.write(0b1111, 4);
  const wide = BigInt.asUintN(64, BigInt(difference));
  bits.write64(Number(wide >> 32n), Number(wide & 0xffff_ffffn));
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Bits from the most significant one on, in a buffer that grows. */
class BitWriter {
  #bytes = new Uint8Array(256);
  #bitCount = 0;

  /** The lowest `count` bits of a word, at most 32. */
  write(word: number, count: number): void {
    if (this.#bitCount + count > this.#bytes.length * 8) this.#grow();
    let left = count;
    while (left > 0) {
      const free = 8 - (this.#bitCount & 7);
      const taken = Math.min(free, left);
      const part = (word >>> (left - taken)) & (2 ** taken - 1);
      const at = this.#bitCount >>> 3;
      this.#bytes[at] = (this.#bytes[at] ?? 0) | (part << (free - taken));
      this.#bitCount += taken;
      left -= taken;
    }
  }

  write64(high: number, low: number): void {
    this.write(high, 32);
    this.write(low, 32);
  }

  /** What is left of 64 bits without the leading and trailing ones. */
  writeMiddle(high: number, low: number, leading: number, trailing: number): void {
    if (trailing >= 32) return this.write(high >>> (trailing - 32), 64 - leading - trailing);
    // At most 31 leading bits are cut off, so some of the high word always stays.
    this.write(high, 32 - leading);
    this.write(low >>> trailing, 32 - trailing);
  }

  /** A signed number in zigzag order. */
  varint(value: number): void {
    const wide = BigInt(value);
    this.uvarint(BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n)));
  }

  uvarint(value: bigint): void {
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) this.write(Number(rest & 0x7fn) | 0x80, 8);
    this.write(Number(rest), 8);
  }

  toBytes(): Uint8Array {
    return this.#bytes.slice(0, (this.#bitCount + 7) >>> 3);
  }

  #grow(): void {
    const grown = new Uint8Array(this.#bytes.length * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
