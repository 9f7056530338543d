import { parseFloatGo } from "@monotreme/model";

/** Powers of ten that a double holds exactly. */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

const TWO_TO_53 = 2 ** 53;

/**
 * Reads a plain decimal at `start` into `out[at]` and returns where it ends, or -1 where the number is not plain (no
 * digits, more digits than a double counts exactly, a large exponent, `NaN`, …): the caller then takes the slow way.
 * The result is correctly rounded: an exact mantissa and one division or product with an exact power of ten. The text
 * has to be followed by any byte that cannot continue a number, within the array.
 */
export function scanDecimal(bytes: Uint8Array, start: number, out: Float64Array, at: number): number {
  let p = start;
  let byte = bytes[p] as number;
  const negative = byte === 45;
  if (negative) byte = bytes[++p] as number;
  let mantissa = 0;
  let digits = -p;
  while (byte >= 48 && byte <= 57) {
    mantissa = mantissa * 10 + (byte - 48);
    byte = bytes[++p] as number;
  }
  digits += p;
  let scale = 0;
  if (byte === 46) {
    scale = -p - 1;
    byte = bytes[++p] as number;
    while (byte >= 48 && byte <= 57) {
      mantissa = mantissa * 10 + (byte - 48);
      byte = bytes[++p] as number;
    }
    scale += p;
    digits += scale;
  }
  if (digits === 0 || mantissa >= TWO_TO_53) return -1;
  if (byte === 101 || byte === 69) {
    byte = bytes[++p] as number;
    const down = byte === 45;
    if (down || byte === 43) byte = bytes[++p] as number;
    const first = p;
    let exponent = 0;
    while (byte >= 48 && byte <= 57) {
      exponent = exponent * 10 + (byte - 48);
      byte = bytes[++p] as number;
    }
    if (p === first) return -1;
    scale += down ? exponent : -exponent;
  }
  if (scale > 22 || scale < -22) return -1;
  const value = scale >= 0 ? mantissa / (POWERS_OF_TEN[scale] as number) : mantissa * (POWERS_OF_TEN[-scale] as number);
  out[at] = negative ? -value : value;
  return p;
}

/**
 * Reads a timestamp of at most 15 digits at `start` into `out[at]` and returns where it ends, or -1 where it is none or
 * longer. The text has to be followed by any byte but a digit, within the array.
 */
export function scanMilliseconds(bytes: Uint8Array, start: number, out: Float64Array, at: number): number {
  let p = start;
  let value = 0;
  for (let byte = bytes[p] as number; byte >= 48 && byte <= 57; byte = bytes[++p] as number) {
    value = value * 10 + (byte - 48);
  }
  if (p === start || p - start > 15) return -1;
  out[at] = value;
  return p;
}

/**
 * A float as Prometheus' parsers accept it: Go's decimal forms, `Inf` and `NaN` in any case; undefined for anything
 * else, and for decimals beyond the largest double, which Go refuses as out of range.
 */
export function parseSampleFloat(text: string): number | undefined {
  const value = parseFloatGo(text);
  if (value === undefined) return undefined;
  const isOverflow = (value === Infinity || value === -Infinity) && !/inf/i.test(text);
  return isOverflow ? undefined : value;
}
