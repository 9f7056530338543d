import { wordsOf } from "@monotreme/model";
import { type ByteReader, unreadableChunk } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { applyCorrections, fillCorrected, nearExponent } from "./corrected-decimals.ts";
import { MAX_PACKED, packIntegers, unpackIntegers } from "./pack-integers.ts";
import { MAX_EXPONENT, POWERS } from "./powers.ts";

/**
 * How the values of a chunk are written, by the head byte: as decimals of one exponent (even: the exponent doubled), as
 * the bits they are (1), or as decimals with a correction each (3, and the exponent above two bits).
 */
const BITS = 1;
const CORRECTED = 3;

/** More exceptions than one in so many, and the bits of all values are shorter. */
const EXCEPTIONS_PER = 8;
const EXCEPTION_BYTES = 8;

let mantissas = new Float64Array(1024);
let corrections = new Float64Array(1024);

/**
 * Writes float64 values so that each comes back with the very same bits. Values that are `integer / 10^k` for one `k`
 * are written as integers; single values that are not (staleness markers, NaNs, infinities, -0) as exceptions beside
 * them; and where that does not do, as planes of their bits.
 */
export function packValues(values: Float64Array, from: number, count: number, writer: ByteWriter): void {
  if (mantissas.length < count) mantissas = new Float64Array(count * 2);
  const maxExceptions = Math.ceil(count / EXCEPTIONS_PER);
  const exponent = commonExponent(values, from, count, maxExceptions);
  if (exponent !== undefined) {
    writer.byte(exponent << 1);
    writeExceptions(values, from, fillMantissas(values, from, count, exponent), writer);
    packIntegers(mantissas, count, writer);
    return;
  }
  if (corrections.length < count) corrections = new Float64Array(count * 2);
  const chunk = { values, from, count };
  const near = nearExponent(chunk, maxExceptions);
  if (near !== undefined) {
    writer.byte(CORRECTED | (near << 2));
    writeExceptions(values, from, fillCorrected(chunk, near, mantissas, corrections), writer);
    packIntegers(mantissas, count, writer);
    packIntegers(corrections, count, writer);
    return;
  }
  writer.byte(BITS);
  packBits(values, from, count, writer);
}

function writeExceptions(values: Float64Array, from: number, exceptions: readonly number[], writer: ByteWriter): void {
  writer.varint(exceptions.length);
  let previous = 0;
  const words = wordsOf(values);
  for (const index of exceptions) {
    writer.varint(index - previous);
    previous = index;
    writeBytes(words, from + index, writer);
  }
}

/** Reads so many values that `packValues` wrote into `out[to…]`, bit by bit what they were. */
export function unpackValues(
  bytes: Uint8Array,
  reader: ByteReader,
  count: number,
  out: Float64Array,
  to: number,
): void {
  const head = reader.byte();
  if (head === BITS) {
    unpackBits(bytes, reader, count, out, to);
    return;
  }
  const isCorrected = (head & CORRECTED) === CORRECTED;
  if (!isCorrected && head % 2 !== 0) throw unreadableChunk("its kind is not known");
  const exponent = isCorrected ? head >> 2 : head >> 1;
  if (exponent > MAX_EXPONENT) throw unreadableChunk("its exponent is too large");
  const exceptions = reader.varint();
  if (exceptions > count) throw unreadableChunk("it has more exceptions than values");
  const exceptionsReader = new ExceptionList(reader, exceptions);
  unpackIntegers(bytes, reader, count, out, to);
  if (exponent > 0) {
    const power = POWERS[exponent]!;
    for (let i = to; i < to + count; i++) out[i] = out[i]! / power;
  }
  if (isCorrected) {
    if (corrections.length < count) corrections = new Float64Array(count * 2);
    unpackIntegers(bytes, reader, count, corrections);
    applyCorrections(corrections, count, out, to);
  }
  exceptionsReader.apply(bytes, out, to, count);
}

class ExceptionList {
  readonly #positions: number[] = [];
  readonly #starts: number[] = [];

  constructor(reader: ByteReader, count: number) {
    let position = 0;
    for (let i = 0; i < count; i++) {
      position += reader.varint();
      this.#positions.push(position);
      this.#starts.push(reader.skip(EXCEPTION_BYTES));
    }
  }

  apply(bytes: Uint8Array, out: Float64Array, to: number, count: number): void {
    if (this.#positions.length === 0) return;
    const words = wordsOf(out);
    for (const [i, position] of this.#positions.entries()) {
      if (position >= count) throw unreadableChunk("an exception lies outside");
      copyBytes(bytes, this.#starts[i]!, words, to + position);
    }
  }
}

/** The smallest exponent that makes all values but a few whole; undefined where there is none. */
export function commonExponent(
  values: Float64Array,
  from: number,
  count: number,
  maxExceptions: number,
): number | undefined {
  let exponent = 0;
  let largest = 0;
  let exceptions = 0;
  for (let i = from; i < from + count; i++) {
    const value = values[i]!;
    const own = exponentOf(value, exponent);
    if (own === undefined) {
      if (++exceptions > maxExceptions) return undefined;
      continue;
    }
    exponent = own;
    const magnitude = Math.abs(value);
    if (magnitude > largest) largest = magnitude;
  }
  return largest * POWERS[exponent]! < MAX_PACKED ? exponent : undefined;
}

/** The smallest exponent, from the given one on, of which the value is a whole multiple. */
function exponentOf(value: number, from: number): number | undefined {
  for (let exponent = from; exponent <= MAX_EXPONENT; exponent++) {
    const scaled = Math.round(value * POWERS[exponent]!);
    if (Math.abs(scaled) >= MAX_PACKED) return undefined;
    if (isSame(scaled / POWERS[exponent]!, value)) return exponent;
  }
  return undefined;
}

function fillMantissas(values: Float64Array, from: number, count: number, exponent: number): number[] {
  const power = POWERS[exponent]!;
  const exceptions: number[] = [];
  let previous = 0;
  for (let i = 0; i < count; i++) {
    const value = values[from + i]!;
    const mantissa = Math.round(value * power);
    if (Math.abs(mantissa) < MAX_PACKED && isSame(mantissa / power, value)) mantissas[i] = previous = mantissa;
    else {
      // What stands for an exception costs least where it is the value before it.
      mantissas[i] = previous;
      exceptions.push(i);
    }
  }
  return exceptions;
}

function isSame(a: number, b: number): boolean {
  // An integer has no -0.
  return a === b && !Object.is(b, -0);
}

function packBits(values: Float64Array, from: number, count: number, writer: ByteWriter): void {
  const words = wordsOf(values);
  const bytes = writer.reserve(count * 8);
  const start = writer.length - count * 8;
  let low = 0;
  let high = 0;
  for (let i = 0; i < count; i++) {
    const nextLow = words[(from + i) * 2]!;
    const nextHigh = words[(from + i) * 2 + 1]!;
    const changedLow = nextLow ^ low;
    const changedHigh = nextHigh ^ high;
    for (let plane = 0; plane < 4; plane++) {
      bytes[start + plane * count + i] = changedLow >>> (plane * 8);
      bytes[start + (plane + 4) * count + i] = changedHigh >>> (plane * 8);
    }
    low = nextLow;
    high = nextHigh;
  }
}

function unpackBits(bytes: Uint8Array, reader: ByteReader, count: number, out: Float64Array, to: number): void {
  const at = reader.skip(count * 8);
  const words = wordsOf(out);
  let low = 0;
  let high = 0;
  for (let i = 0; i < count; i++) {
    for (let plane = 0; plane < 4; plane++) {
      low ^= bytes[at + plane * count + i]! << (plane * 8);
      high ^= bytes[at + (plane + 4) * count + i]! << (plane * 8);
    }
    words[(to + i) * 2] = low;
    words[(to + i) * 2 + 1] = high;
  }
}

function writeBytes(words: Uint32Array, index: number, writer: ByteWriter): void {
  const bytes = writer.reserve(EXCEPTION_BYTES);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(writer.length - 8, words[index * 2]!, true);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(writer.length - 4, words[index * 2 + 1]!, true);
}

function copyBytes(bytes: Uint8Array, from: number, words: Uint32Array, index: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  words[index * 2] = view.getUint32(from, true);
  words[index * 2 + 1] = view.getUint32(from + 4, true);
}
