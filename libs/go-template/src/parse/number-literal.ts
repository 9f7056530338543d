import { quoteGo } from "../fmt/quote.ts";
import { unquoteRune } from "./unquote.ts";

/** The values of a numeric literal under each type that can hold it, or the fault in it. */
export interface NumberLiteral {
  readonly int: bigint | undefined;
  readonly uint: bigint | undefined;
  readonly float: number | undefined;
  readonly fault?: string;
}

const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);
const MAX_UINT = 2n ** 64n - 1n;
const UNDERSCORES = /^[+-]?(?:0[xXbBoO]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0(?:_?[0-7]+)*|[1-9][0-9]*(?:_[0-9]+)*)$/;
const DECIMAL_FLOAT = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const HEX_FLOAT = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]+)$/;

function fault(message: string): NumberLiteral {
  return { int: undefined, uint: undefined, float: undefined, fault: message };
}

/** A Go integer literal in any base, or undefined where the text is none. */
function parseInteger(text: string): bigint | undefined {
  if (!UNDERSCORES.test(text)) return undefined;
  const isNegative = text.startsWith("-");
  let digits = text.replace(/^[+-]/, "").replaceAll("_", "").toLowerCase();
  if (/^0[0-7]+$/.test(digits)) digits = `0o${digits.slice(1)}`;
  if (/^0o.*[89a-f]/.test(digits) || /^0b.*[2-9a-f]/.test(digits)) return undefined;
  const value = BigInt(digits);
  return isNegative ? -value : value;
}

/** A Go floating-point literal, or undefined where the text is none or out of range. */
export function parseFloatLiteral(text: string): number | undefined {
  if (DECIMAL_FLOAT.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const hex = HEX_FLOAT.exec(text);
  if (hex === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent] = hex;
  if (whole + fraction === "") return undefined;
  const value = Number.parseInt(whole + fraction, 16) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === "-" ? -value : value;
}

function integerOfFloat(value: number): bigint | undefined {
  return Number.isInteger(value) ? BigInt(value) : undefined;
}

/** Reads a numeric literal as Go's template parser does; complex numbers are refused. */
export function parseNumberLiteral(text: string): NumberLiteral {
  if (text.endsWith("i")) return fault(`complex numbers are not supported: ${quoteGo(text)}`);
  const integer = parseInteger(text);
  const isUnsigned = integer !== undefined && (!/^[+-]/.test(text) || integer === 0n) && integer <= MAX_UINT;
  const isSigned = integer !== undefined && integer >= MIN_INT && integer <= MAX_INT;
  if (integer !== undefined && (isSigned || isUnsigned)) {
    return { int: isSigned ? integer : undefined, uint: isUnsigned ? integer : undefined, float: Number(integer) };
  }
  const float = parseFloatLiteral(text);
  if (float === undefined) {
    return fault(
      integer === undefined ? `illegal number syntax: ${quoteGo(text)}` : `integer overflow: ${quoteGo(text)}`,
    );
  }
  if (!/[.eEpP]/.test(text)) return fault(`integer overflow: ${quoteGo(text)}`);
  const whole = integerOfFloat(float);
  const int = whole !== undefined && whole >= MIN_INT && whole <= MAX_INT ? whole : undefined;
  const uint = whole !== undefined && whole >= 0n && whole <= MAX_UINT ? whole : undefined;
  return { int, uint, float };
}

/** Reads a character literal; its value is a number of every kind. */
export function parseRuneLiteral(text: string): NumberLiteral {
  const point = unquoteRune(text);
  if (point === undefined) return fault("invalid syntax");
  if (point === "malformed") return fault(`malformed character constant: ${text}`);
  return { int: BigInt(point), uint: BigInt(point), float: point };
}
