import type { ByteReader } from "./byte-reader.ts";
import { unreadableChunk } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** How integers are told from one another: each by itself, by differences, or by differences of differences. */
const ORDERS = [0, 1, 2] as const;
type Order = (typeof ORDERS)[number];

/** Integers stay below this, so that second differences are exact in a double. */
export const MAX_PACKED = 2 ** 50;

let scratch = new Float64Array(1024);

/**
 * Writes integers of less than 2^50 in magnitude: the order of differences that leaves the least, the smallest
 * difference, and the rest above it as planes of bytes (all lowest bytes first). Planes of small or equal numbers are
 * what a general compressor folds best, and they are read by loops without branches.
 */
export function packIntegers(values: Float64Array, count: number, writer: ByteWriter): void {
  if (scratch.length < count) scratch = new Float64Array(count * 2);
  const order = bestOrder(values, count);
  writer.byte(order);
  for (let i = 0; i < Math.min(order, count); i++) writer.signed(values[i]!);
  if (count <= order) return;
  const rest = count - order;
  differences(values, count, order, scratch);
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < rest; i++) {
    const value = scratch[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const shift = commonShift(scratch, rest, least);
  const width = bytesFor((most - least) / 2 ** shift);
  writer.signed(least);
  writer.byte((shift << 3) | width);
  writePlanes(scratch, rest, { least, scale: 2 ** shift, width }, writer);
}

/** Reads what `packIntegers` wrote for so many integers into `out[from…]`. */
export function unpackIntegers(
  bytes: Uint8Array,
  reader: ByteReader,
  count: number,
  out: Float64Array,
  from = 0,
): void {
  const order = reader.byte();
  if (order > 2) throw unreadableChunk("its order is not known");
  for (let i = 0; i < Math.min(order, count); i++) out[from + i] = reader.signed();
  if (count <= order) return;
  const rest = count - order;
  const least = reader.signed();
  const head = reader.byte();
  const width = head & 7;
  const at = reader.skip(rest * width);
  if (order === 1 && width <= 2) {
    // Nearly all counters; in one pass they take half the time.
    addPlanes(bytes, at, rest, { least, scale: 2 ** (head >> 3), width }, out, from);
    return;
  }
  readPlanes(bytes, at, rest, { least, scale: 2 ** (head >> 3), width }, out, from + order);
  integrate(out, from, count, order);
}

interface PlaneShape {
  readonly least: number;
  readonly scale: number;
  readonly width: number;
}

/** As `readPlanes` and `integrate` for first differences of two bytes at most; `out[from]` is the first value. */
function addPlanes(
  bytes: Uint8Array,
  at: number,
  count: number,
  { least, scale, width }: PlaneShape,
  out: Float64Array,
  from: number,
): void {
  let value = out[from]!;
  const low = bytes.subarray(at, at + count);
  const high = bytes.subarray(at + count, at + 2 * count);
  const target = out.subarray(from + 1, from + 1 + count);
  if (width === 0) for (let i = 0; i < count; i++) target[i] = value += least;
  else if (width === 1) for (let i = 0; i < count; i++) target[i] = value += least + low[i]! * scale;
  else for (let i = 0; i < count; i++) target[i] = value += least + (low[i]! | (high[i]! << 8)) * scale;
}

function integrate(out: Float64Array, from: number, count: number, order: number): void {
  if (order === 0) return;
  const end = from + count;
  if (order === 1) {
    let value = out[from]!;
    for (let i = from + 1; i < end; i++) out[i] = value += out[i]!;
    return;
  }
  let value = out[from + 1]!;
  let step = value - out[from]!;
  for (let i = from + 2; i < end; i++) {
    step += out[i]!;
    out[i] = value += step;
  }
}

function readPlanes(
  bytes: Uint8Array,
  at: number,
  count: number,
  { least, scale, width }: PlaneShape,
  out: Float64Array,
  from: number,
): void {
  const second = at + count;
  const third = second + count;
  const fourth = third + count;
  switch (width) {
    case 0:
      out.fill(least, from, from + count);
      return;
    case 1:
      for (let i = 0; i < count; i++) out[from + i] = least + bytes[at + i]! * scale;
      return;
    case 2:
      for (let i = 0; i < count; i++) out[from + i] = least + (bytes[at + i]! | (bytes[second + i]! << 8)) * scale;
      return;
    case 3:
      for (let i = 0; i < count; i++) {
        out[from + i] = least + (bytes[at + i]! | (bytes[second + i]! << 8) | (bytes[third + i]! << 16)) * scale;
      }
      return;
    default:
      for (let i = 0; i < count; i++) {
        let high = 0;
        for (let plane = width - 1; plane >= 4; plane--) high = high * 256 + bytes[at + plane * count + i]!;
        const low = bytes[at + i]! | (bytes[second + i]! << 8) | (bytes[third + i]! << 16);
        out[from + i] = least + (low + bytes[fourth + i]! * 2 ** 24 + high * 2 ** 32) * scale;
      }
  }
}

function writePlanes(
  values: Float64Array,
  count: number,
  { least, scale, width }: PlaneShape,
  writer: ByteWriter,
): void {
  if (width === 0) return;
  const bytes = writer.reserve(count * width);
  const start = writer.length - count * width;
  for (let i = 0; i < count; i++) {
    let rest = (values[i]! - least) / scale;
    for (let plane = 0; plane < width; plane++) {
      const above = Math.floor(rest / 256);
      bytes[start + plane * count + i] = rest - above * 256;
      rest = above;
    }
  }
}

function bytesFor(range: number): number {
  let width = 0;
  for (let limit = 1; range >= limit; limit *= 256) width++;
  return width;
}

/** By how many bits all offsets can be shifted without loss (counts of kibibytes, of pages). */
function commonShift(values: Float64Array, count: number, least: number): number {
  let shift = 31;
  for (let i = 0; i < count && shift > 0; i++) {
    const offset = values[i]! - least;
    if (offset === 0) continue;
    while (shift > 0 && offset % 2 ** shift !== 0) shift--;
  }
  return shift === 31 ? 0 : shift;
}

function differences(values: Float64Array, count: number, order: Order, out: Float64Array): void {
  for (let i = order; i < count; i++) {
    const value = values[i]!;
    if (order === 0) out[i] = value;
    else if (order === 1) out[i - 1] = value - values[i - 1]!;
    else out[i - 2] = value - 2 * values[i - 1]! + values[i - 2]!;
  }
}

/** What it takes to write the numbers of one order, in bits: as they are, or by their distance from the middle. */
class Cost {
  readonly #middle: number;
  #plain = 0;
  #centred = 0;
  #positive = 0;
  #negative = 0;

  constructor(middle: number) {
    this.#middle = middle;
  }

  add(value: number): void {
    if (value > 0) this.#positive++;
    else if (value < 0) this.#negative++;
    this.#plain += bitsOf(value);
    this.#centred += bitsOf(value - this.#middle) + 1;
  }

  /** Most are zero in some, all are about the same in others; signs cost a bit where there are both. */
  get bits(): number {
    const signs = this.#positive > 0 && this.#negative > 0 ? this.#positive + this.#negative : 0;
    return Math.min(this.#plain + signs, this.#centred);
  }
}

/** Picks by the sum of the logarithms, which is about what an entropy coder has to write. */
function bestOrder(values: Float64Array, count: number): Order {
  if (count < 3) return 0;
  const firstStep = values[1]! - values[0]!;
  const lastStep = values[count - 1]! - values[count - 2]!;
  const plain = new Cost(values[0]!);
  const first = new Cost((values[count - 1]! - values[0]!) / (count - 1));
  const second = new Cost((lastStep - firstStep) / (count - 2));
  let previousStep = firstStep;
  for (let i = 2; i < count; i++) {
    const step = values[i]! - values[i - 1]!;
    plain.add(values[i]!);
    first.add(step);
    second.add(step - previousStep);
    previousStep = step;
  }
  if (plain.bits <= first.bits && plain.bits <= second.bits) return 0;
  return first.bits <= second.bits ? 1 : 2;
}

function bitsOf(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude < 2 ** 31) return 32 - Math.clz32(magnitude);
  return 64 - Math.clz32(magnitude / 2 ** 32);
}
