import { Labels } from "@monotreme/model";
import type { StepMatrix, StepSeries } from "./step-matrix.ts";

/**
 * The form of a step matrix in a chunk and between threads, little endian:
 *
 *   f64 first step · u32 steps · u32 series
 *   per series: u32 byte length of the labels · u32 pairs · per name and value: u32 byte length, UTF-8
 *               u8 kind (bit 0: one value for all, bit 1: with gaps) · bits of present steps, where there are gaps
 *               values as f64: one, or one a step
 */
const HEADER_BYTES = 16;
const IS_CONSTANT = 1;
const HAS_GAPS = 2;

/** Label sets by their bytes: those of several chunks are mostly the same and become objects once. */
export type KnownLabels = Map<string, Labels>;

export function encodeMatrix({ firstStep, count, series }: StepMatrix): Uint8Array<ArrayBuffer> {
  const encoded = series.map((one) => ({ ...one, labels: encodeLabels(one.labels), kind: kindOf(one) }));
  const bitBytes = Math.ceil(count / 8);
  const size = encoded.reduce((sum, { labels, kind }) => {
    const valueBytes = (kind & IS_CONSTANT) === 0 ? count * 8 : 8;
    return sum + 4 + labels.length + 1 + ((kind & HAS_GAPS) === 0 ? 0 : bitBytes) + valueBytes;
  }, HEADER_BYTES);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, firstStep, true);
  view.setUint32(8, count, true);
  view.setUint32(12, series.length, true);
  let at = HEADER_BYTES;
  for (const { labels, kind, values, present } of encoded) {
    view.setUint32(at, labels.length, true);
    bytes.set(labels, at + 4);
    at += 4 + labels.length;
    bytes[at++] = kind;
    if (present !== undefined) {
      for (let i = 0; i < count; i++) if (present[i] === 1) bytes[at + (i >> 3)]! |= 1 << (i & 7);
      at += bitBytes;
    }
    const written = (kind & IS_CONSTANT) === 0 ? values : values.subarray(0, 1);
    bytes.set(new Uint8Array(written.buffer, written.byteOffset, written.byteLength), at);
    at += written.byteLength;
  }
  return bytes;
}

/** Throws RangeError for bytes of another form. */
export function decodeMatrix(bytes: Uint8Array, known: KnownLabels = new Map()): StepMatrix {
  const reader = new MatrixReader(bytes, known);
  return reader.read();
}

class MatrixReader {
  readonly #bytes: Buffer;
  readonly #known: KnownLabels;
  #at = HEADER_BYTES;

  constructor(bytes: Uint8Array, known: KnownLabels) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#known = known;
  }

  read(): StepMatrix {
    const firstStep = this.#bytes.readDoubleLE(0);
    const count = this.#bytes.readUInt32LE(8);
    const seriesCount = this.#bytes.readUInt32LE(12);
    // Each series takes 17 bytes at least, so no false count makes this loop for long.
    const series: StepSeries[] = [];
    for (let i = 0; i < seriesCount; i++) series.push(this.#series(count));
    if (this.#at !== this.#bytes.length) throw new RangeError("bytes after the last series");
    return { firstStep, count, series };
  }

  #series(count: number): StepSeries {
    const labels = this.#labels(this.#take(this.#bytes.readUInt32LE(this.#at), 4));
    const kind = this.#take(1)[0] ?? 0;
    const present = (kind & HAS_GAPS) === 0 ? undefined : bitsOf(this.#take(Math.ceil(count / 8)), count);
    const isConstant = (kind & IS_CONSTANT) !== 0;
    const taken = this.#take(isConstant ? 8 : count * 8);
    const values = new Float64Array(count);
    if (isConstant) values.fill(taken.readDoubleLE(0));
    else new Uint8Array(values.buffer).set(taken);
    return { labels, values, present };
  }

  /** The next bytes, after some that are passed over. */
  #take(length: number, skipped = 0): Buffer {
    const from = this.#at + skipped;
    if (from + length > this.#bytes.length) throw new RangeError("the bytes end too early");
    this.#at = from + length;
    return this.#bytes.subarray(from, this.#at);
  }

  #labels(bytes: Buffer): Labels {
    const key = bytes.toString("latin1");
    let labels = this.#known.get(key);
    if (labels === undefined) this.#known.set(key, (labels = decodeLabels(bytes)));
    return labels;
  }
}

/** One value stands for all only where its bits are those of all (a NaN's count). */
function kindOf({ values, present }: StepSeries): number {
  const words = new Uint32Array(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength));
  let isConstant = values.length > 0;
  for (let i = 2; isConstant && i < words.length; i++) isConstant = words[i] === words[i % 2];
  return (isConstant ? IS_CONSTANT : 0) | (present === undefined ? 0 : HAS_GAPS);
}

function bitsOf(bytes: Buffer, count: number): Uint8Array {
  const bits = new Uint8Array(count);
  for (let i = 0; i < count; i++) bits[i] = ((bytes[i >> 3] ?? 0) >> (i & 7)) & 1;
  return bits;
}

function encodeLabels(labels: Labels): Buffer {
  const texts = [...labels].flat().map((text) => Buffer.from(text));
  const bytes = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + 4 + text.length, 4));
  let at = bytes.writeUInt32LE(labels.size, 0);
  for (const text of texts) {
    at = bytes.writeUInt32LE(text.length, at);
    at += text.copy(bytes, at);
  }
  return bytes;
}

function decodeLabels(bytes: Buffer): Labels {
  const parts: string[] = [];
  let at = 4;
  for (let i = bytes.readUInt32LE(0) * 2; i > 0; i--) {
    const length = bytes.readUInt32LE(at);
    if (at + 4 + length > bytes.length) throw new RangeError("the labels end too early");
    parts.push(bytes.toString("utf8", at + 4, at + 4 + length));
    at += 4 + length;
  }
  return Labels.fromSortedPairs(parts);
}
