import { wordsOf } from "@monotreme/model";
import { type ByteReader, unreadableChunk } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { MAX_PACKED, packIntegers, unpackIntegers } from "./pack-integers.ts";
import { commonExponent, packValues, unpackValues } from "./pack-values.ts";
import { POWERS } from "./powers.ts";

/** How a column is written: all values by themselves, none because they are as predicted, or by how far they are off. */
const PLAIN = 0;
const AS_PREDICTED = 1;
const RESIDUALS = 2;

/** A computed value may come back that much off, relative to itself: a tenth of what a reader is promised. */
const TOLERANCE = 1e-13;

/** Values, and what a reader will expect in their place: it computes the very same doubles. */
export interface Predicted {
  readonly values: Float64Array;
  readonly predictions: Float64Array;
  readonly count: number;
  /**
   * Absent: the values come back bit by bit. Else they were computed from decimals of that exponent (undefined: of none)
   * and may come back as the decimal, or the prediction, that they missed by floating-point noise.
   */
  readonly noisy?: { readonly exponent: number | undefined };
}

let residuals = new Float64Array(1024);
let check = new Float64Array(1024);
const plainWriter = new ByteWriter();
const residualWriter = new ByteWriter();

/** Writes a column whose values can be guessed from columns that a reader has already. */
export function packPredicted(column: Predicted, writer: ByteWriter): void {
  const { values, count } = column;
  if (isAsPredicted(column)) {
    writer.byte(AS_PREDICTED);
    return;
  }
  packValues(values, 0, count, plainWriter);
  const plain = plainWriter.take();
  const others = packResiduals(column);
  const isShorter = others !== undefined && others.length <= plain.length;
  writer.byte(isShorter ? RESIDUALS : PLAIN);
  writer.bytes(isShorter ? others : plain);
}

/** Reads what `packPredicted` wrote, given the same predictions; it may give back these. */
export function unpackPredicted(
  bytes: Uint8Array,
  reader: ByteReader,
  { predictions, isNoisy }: { readonly predictions: Float64Array; readonly isNoisy: boolean },
): Float64Array {
  const count = predictions.length;
  const head = reader.byte();
  if (head === AS_PREDICTED) return predictions;
  const out = new Float64Array(count);
  if (head === PLAIN) unpackValues(bytes, reader, count, out, 0);
  else if (head === RESIDUALS) {
    const exponent = reader.byte();
    if (exponent >= POWERS.length) throw unreadableChunk("its exponent is too large");
    unpackIntegers(bytes, reader, count, out);
    addPredictions(out, { predictions, count, exponent, isNoisy });
  } else throw unreadableChunk("a column is written in a way that is not known");
  return out;
}

function isAsPredicted({ values, predictions, count, noisy }: Predicted): boolean {
  if (noisy !== undefined) return isClose(values, predictions, count);
  const [a, b] = [wordsOf(values), wordsOf(predictions)];
  for (let i = 0; i < count * 2; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Undefined where the values are no decimals. */
function packResiduals({ values, predictions, count, noisy }: Predicted): Uint8Array | undefined {
  const exponent = noisy === undefined ? commonExponent(values, 0, count, 0) : noisy.exponent;
  if (exponent === undefined) return undefined;
  if (residuals.length < count) {
    residuals = new Float64Array(count * 2);
    check = new Float64Array(count * 2);
  }
  const power = POWERS[exponent]!;
  for (let i = 0; i < count; i++) {
    const mantissa = Math.round(values[i]! * power);
    const residual = mantissa - wholeOf(predictions[i]! * power);
    if (!(Math.abs(mantissa) < MAX_PACKED && Math.abs(residual) < MAX_PACKED / 4)) return undefined;
    if (noisy === undefined && mantissa / power !== values[i]) return undefined;
    residuals[i] = check[i] = residual;
  }
  if (noisy !== undefined) {
    addPredictions(check, { predictions, count, exponent, isNoisy: true });
    if (!isClose(values, check, count)) return undefined;
  }
  residualWriter.byte(exponent);
  packIntegers(residuals, count, residualWriter);
  return residualWriter.take();
}

/** Turns residuals into values, in place. */
function addPredictions(
  column: Float64Array,
  {
    predictions,
    count,
    exponent,
    isNoisy,
  }: {
    predictions: Float64Array;
    count: number;
    exponent: number;
    isNoisy: boolean;
  },
): void {
  const power = POWERS[exponent]!;
  for (let i = 0; i < count; i++) {
    const residual = column[i]!;
    const prediction = predictions[i]!;
    if (isNoisy && residual === 0) column[i] = prediction;
    else column[i] = (wholeOf(prediction * power) + residual) / power;
  }
}

/** A prediction that is of no use counts as 0. */
function wholeOf(value: number): number {
  const whole = Math.round(value);
  return Math.abs(whole) < MAX_PACKED ? whole : 0;
}

function isClose(values: Float64Array, others: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (!(value === others[i]! || Math.abs(value - others[i]!) <= TOLERANCE * Math.abs(value))) return false;
  }
  return true;
}
