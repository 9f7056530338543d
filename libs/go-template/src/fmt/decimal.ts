/** The decimal digits of a finite number without leading zeros: the value is 0.DIGITS × 10^point. */
export interface Decimal {
  readonly digits: string;
  readonly point: number;
}

const view = new DataView(new ArrayBuffer(8));

/** Mantissa and binary exponent of a finite number's magnitude: mantissa × 2^exponent. */
export function binaryOf(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return exponent === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: exponent - 1075 };
}

/** Every decimal digit of a finite number's magnitude. */
function exactDecimal(value: number): Decimal {
  const { mantissa, exponent } = binaryOf(value);
  if (mantissa === 0n) return { digits: "", point: 0 };
  const whole = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent);
  const digits = whole.toString();
  return { digits, point: digits.length + Math.min(exponent, 0) };
}

/** The fewest digits that read back as the same number. */
export function shortestDecimal(value: number): Decimal {
  if (value === 0) return { digits: "", point: 0 };
  const [mantissa = "", exponent = "0"] = Math.abs(value).toExponential().split("e");
  return { digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}

function increment(digits: string): string {
  const rounded = (BigInt(`1${digits}`) + 1n).toString();
  return rounded;
}

/** The number rounded to `count` digits (which may be none or negative), exact halves to the even digit. */
export function roundedDecimal(value: number, count: (exact: Decimal) => number): Decimal {
  const exact = exactDecimal(value);
  const keep = count(exact);
  if (exact.digits.length <= keep) return exact;
  if (keep < 0) return { digits: "", point: exact.point };
  const kept = exact.digits.slice(0, keep);
  const rest = exact.digits.slice(keep);
  const isHalf = /^50*$/.test(rest);
  const isOdd = keep > 0 && Number(kept.at(-1)) % 2 === 1;
  if (isHalf ? !isOdd : rest < "5") return { digits: kept, point: exact.point };
  const raised = increment(kept);
  // The leading 1 kept zeros in place; a 2 there means that the number has one digit more.
  return raised.startsWith("2")
    ? { digits: `1${raised.slice(1)}`.slice(0, Math.max(keep, 1)), point: exact.point + 1 }
    : { digits: raised.slice(1), point: exact.point };
}
