import { binaryOf, type Decimal, roundedDecimal, shortestDecimal } from "./decimal.ts";

/** The formats of Go's `strconv.FormatFloat`. */
export type FloatFormat = "e" | "E" | "f" | "g" | "G" | "b" | "x" | "X";

function exponentText(exponent: number): string {
  const digits = String(Math.abs(exponent));
  return `${exponent < 0 ? "-" : "+"}${digits.padStart(2, "0")}`;
}

function scientific({ digits, point }: Decimal, precision: number, letter: string): string {
  const first = digits[0] ?? "0";
  const rest = digits.slice(1, precision + 1).padEnd(precision, "0");
  const exponent = digits === "" ? 0 : point - 1;
  return `${first}${precision > 0 ? `.${rest}` : ""}${letter}${exponentText(exponent)}`;
}

function positional({ digits, point }: Decimal, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  if (precision <= 0) return whole;
  const fraction = point > 0 ? digits.slice(point) : "0".repeat(Math.min(-point, precision)) + digits;
  return `${whole}.${fraction.slice(0, precision).padEnd(precision, "0")}`;
}

/** Exponent from which the shortest `%g` of a number is written with an exponent. */
const SHORTEST_LIMIT = 6;

function general(value: number, precision: number, letter: string): string {
  const isShortest = precision < 0;
  const wanted = precision === 0 ? 1 : precision;
  const decimal = isShortest ? shortestDecimal(value) : roundedDecimal(value, () => wanted);
  const digits = decimal.digits.replace(/0+$/, "");
  const trimmed = { digits, point: decimal.point };
  const exponent = decimal.point - 1;
  let limit = isShortest ? SHORTEST_LIMIT : wanted;
  const hasFewDigits = limit > decimal.digits.length && decimal.digits.length >= decimal.point;
  if (!isShortest && hasFewDigits) limit = decimal.digits.length;
  if (exponent < -4 || exponent >= limit) return scientific(trimmed, Math.max(digits.length - 1, 0), letter);
  return positional(trimmed, Math.max(digits.length - decimal.point, 0));
}

function binaryExponent(value: number): string {
  const { mantissa, exponent } = binaryOf(value);
  return `${mantissa}p${exponent < 0 ? "" : "+"}${exponent}`;
}

function hexadecimal(value: number, precision: number): string {
  const { mantissa: bits, exponent: power } = binaryOf(value);
  let mantissa = bits;
  let exponent = mantissa === 0n ? 0 : power + 52;
  while (mantissa !== 0n && mantissa < 1n << 52n) {
    mantissa <<= 1n;
    exponent--;
  }
  if (precision >= 0 && precision < 13) {
    const shift = BigInt(4 * (13 - precision));
    const half = 1n << (shift - 1n);
    const rest = mantissa & ((1n << shift) - 1n);
    let kept = mantissa >> shift;
    if (rest > half || (rest === half && (kept & 1n) === 1n)) kept++;
    mantissa = kept << shift;
    if (mantissa >= 1n << 53n) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const whole = mantissa >> 52n;
  let fraction = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, "0");
  fraction = precision < 0 ? fraction.replace(/0+$/, "") : fraction.slice(0, precision).padEnd(precision, "0");
  return `0x${whole}${fraction === "" ? "" : `.${fraction}`}p${exponentText(exponent)}`;
}

function magnitude(value: number, format: FloatFormat, precision: number): string {
  switch (format) {
    case "e":
    case "E": {
      if (precision >= 0)
        return scientific(
          roundedDecimal(value, () => precision + 1),
          precision,
          format,
        );
      const shortest = shortestDecimal(value);
      return scientific(shortest, Math.max(shortest.digits.length - 1, 0), format);
    }
    case "f": {
      if (precision >= 0)
        return positional(
          roundedDecimal(value, ({ point }) => point + precision),
          precision,
        );
      const shortest = shortestDecimal(value);
      return positional(shortest, Math.max(shortest.digits.length - shortest.point, 0));
    }
    case "g":
      return general(value, precision, "e");
    case "G":
      return general(value, precision, "E");
    case "b":
      return binaryExponent(value);
    case "x":
      return hexadecimal(value, precision);
    case "X":
      return hexadecimal(value, precision).toUpperCase();
  }
}

/** A float64 as Go's `strconv.FormatFloat` writes it; a precision of -1 is the shortest that reads back the same. */
export function formatGoFloat(value: number, format: FloatFormat, precision: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  return sign + magnitude(Math.abs(value), format, precision);
}
