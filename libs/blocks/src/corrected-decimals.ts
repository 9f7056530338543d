import { wordsOf } from "@monotreme/model";
import { POWERS } from "./powers.ts";

/**
 * Values that are decimals but for the last bits, because somebody computed them (milliseconds times 0.001): a decimal,
 * and by how many representable doubles the value lies above it.
 */
export interface ValueRange {
  readonly values: Float64Array;
  readonly from: number;
  readonly count: number;
}

/** A value further from the decimal than this is an exception; products and short sums are off by one or two. */
const MAX_CORRECTION = 15;
/** Larger integers take no fewer bytes than the bits of the values. */
const MAX_MANTISSA = 2 ** 40;
const MAX_NEAR_EXPONENT = 9;

const pair = new Float64Array(2);
const pairWords = wordsOf(pair);

/** The smallest exponent at which all values but a few lie beside a decimal; undefined where there is none. */
export function nearExponent({ values, from, count }: ValueRange, maxExceptions: number): number | undefined {
  for (let exponent = 0; exponent <= MAX_NEAR_EXPONENT; exponent++) {
    let exceptions = 0;
    for (let i = from; i < from + count && exceptions <= maxExceptions; i++) {
      if (Number.isNaN(correctionOf(values[i]!, POWERS[exponent]!))) exceptions++;
    }
    if (exceptions <= maxExceptions) return exponent;
  }
  return undefined;
}

/** Fills integers and corrections; returns the indexes of the values that are exceptions. */
export function fillCorrected(
  { values, from, count }: ValueRange,
  exponent: number,
  mantissas: Float64Array,
  corrections: Float64Array,
): number[] {
  const power = POWERS[exponent]!;
  const exceptions: number[] = [];
  let previous = 0;
  for (let i = 0; i < count; i++) {
    const value = values[from + i]!;
    const correction = correctionOf(value, power);
    if (Number.isNaN(correction)) {
      exceptions.push(i);
      mantissas[i] = previous;
      corrections[i] = 0;
    } else {
      mantissas[i] = previous = Math.round(value * power);
      corrections[i] = correction;
    }
  }
  return exceptions;
}

/** Moves each decimal by its number of representable doubles. */
export function applyCorrections(corrections: Float64Array, count: number, out: Float64Array, to: number): void {
  const words = wordsOf(out);
  for (let i = 0; i < count; i++) {
    const correction = corrections[i]!;
    if (correction === 0) continue;
    const low = words[(to + i) * 2]! + correction;
    words[(to + i) * 2] = low;
    if (low < 0) words[(to + i) * 2 + 1]!--;
    else if (low > 0xffff_ffff) words[(to + i) * 2 + 1]!++;
  }
}

/** How many representable doubles lie between the decimal and the value; NaN where it is no near decimal. */
function correctionOf(value: number, power: number): number {
  const mantissa = Math.round(value * power);
  if (!(Math.abs(mantissa) < MAX_MANTISSA)) return Number.NaN;
  // An integer zero has no sign, and so nothing beside it has one either.
  if (mantissa === 0 && !Object.is(value, 0)) return Number.NaN;
  pair[0] = value;
  pair[1] = mantissa / power;
  const distance = (pairWords[1]! - pairWords[3]!) * 2 ** 32 + (pairWords[0]! - pairWords[2]!);
  return Math.abs(distance) <= MAX_CORRECTION ? distance : Number.NaN;
}
