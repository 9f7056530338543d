import { bytesOfString } from "../value/go-string.ts";
import { type FormatFlags, pad, truncate } from "./flags.ts";
import { type FloatFormat, formatGoFloat } from "./float.ts";
import { isPrintable } from "./printable.ts";
import { canBackquote, quoteGo, quoteRune } from "./quote.ts";

/** An integer in a base with the flags of a verb; negative numbers carry their sign, not two's complement. */
export function formatInteger(value: bigint, base: 2 | 8 | 10 | 16, flags: FormatFlags, verb: string): string {
  const isNegative = value < 0n;
  if (flags.precision === 0 && value === 0n) return " ".repeat(flags.width ?? 0);
  let digits = (isNegative ? -value : value).toString(base);
  if (verb === "X") digits = digits.toUpperCase();
  const isZeroPadded = flags.precision === undefined && flags.zero && !flags.minus && flags.width !== undefined;
  const signLength = isNegative || flags.plus || flags.space ? 1 : 0;
  const length = isZeroPadded ? (flags.width ?? 0) - signLength : (flags.precision ?? 0);
  digits = digits.padStart(length, "0");
  if (flags.sharp && base === 2) digits = `0b${digits}`;
  if (flags.sharp && base === 8 && !digits.startsWith("0")) digits = `0${digits}`;
  if (flags.sharp && base === 16) digits = `0${verb === "X" ? "X" : "x"}${digits}`;
  if (verb === "O") digits = `0o${digits}`;
  let sign = "";
  if (isNegative) sign = "-";
  else if (flags.plus) sign = "+";
  else if (flags.space) sign = " ";
  return pad(sign + digits, flags, false);
}

/** `%U`: a code point as `U+0041`, with the character itself where `#` is given. */
export function formatUnicode(value: bigint, flags: FormatFlags): string {
  const digits = BigInt.asUintN(64, value).toString(16).toUpperCase();
  let text = `U+${digits.padStart(Math.max(flags.precision ?? 4, 4), "0")}`;
  const isRune = value >= 0n && value <= 0x10ffffn;
  if (flags.sharp && isRune && isPrintable(Number(value))) text += ` '${String.fromCodePoint(Number(value))}'`;
  return pad(text, flags, false);
}

function runeOf(value: bigint): number {
  const isValid = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn);
  return isValid ? Number(value) : 0xfffd;
}

/** `%c`. */
export function formatRune(value: bigint, flags: FormatFlags): string {
  return pad(String.fromCodePoint(runeOf(value)), flags);
}

/** `%q` of an integer. */
export function formatQuotedRune(value: bigint, flags: FormatFlags): string {
  return pad(quoteRune(runeOf(value), flags.plus), flags);
}

/** `%q` of a string. */
export function formatQuoted(text: string, flags: FormatFlags): string {
  const shown = truncate(text, flags);
  if (flags.sharp && canBackquote(shown)) return pad(`\`${shown}\``, flags);
  return pad(quoteGo(shown, flags.plus), flags);
}

/** `%x` and `%X` of a string: its bytes. */
export function formatHexString(text: string, flags: FormatFlags, isUpper: boolean): string {
  const bytes = bytesOfString(text);
  const shown = [...bytes.subarray(0, flags.precision ?? bytes.length)];
  const prefix = flags.sharp ? "0x" : "";
  const hex = shown.map((byte) => byte.toString(16).padStart(2, "0"));
  let out = prefix + hex.join(flags.space ? ` ${prefix}` : "");
  if (shown.length === 0) out = "";
  return pad(isUpper ? out.toUpperCase() : out, flags);
}

/** A float with the flags of a verb; `precision` is what the verb has unless the flags say otherwise. */
export function formatFloatVerb(value: number, format: FloatFormat, precision: number, flags: FormatFlags): string {
  const wanted = flags.precision ?? precision;
  let number = formatGoFloat(value, format, wanted);
  if (!/^[+-]/.test(number)) number = `+${number}`;
  if (flags.space && number.startsWith("+") && !flags.plus) number = ` ${number.slice(1)}`;
  if (!Number.isFinite(value)) {
    if (Number.isNaN(value) && !flags.space && !flags.plus) number = number.slice(1);
    if (value === Infinity && !flags.space && !flags.plus) number = number.slice(1) === "Inf" ? "+Inf" : number;
    return pad(number, flags, false);
  }
  if (flags.sharp && format !== "b") number = keepPoint(number, format, wanted);
  if (!flags.plus && number.startsWith("+")) return pad(number.slice(1), flags);
  const width = flags.width ?? 0;
  if (flags.zero && !flags.minus && width > number.length) {
    return number.slice(0, 1) + number.slice(1).padStart(width - 1, "0");
  }
  return pad(number, flags);
}

/** The `#` flag: always a decimal point, and `g` keeps trailing zeros. */
function keepPoint(number: string, format: FloatFormat, precision: number): string {
  const isHex = format === "x" || format === "X";
  const at = number.search(isHex ? /[pP]/ : /[eE]/);
  let head = at < 0 ? number : number.slice(0, at);
  const tail = at < 0 ? "" : number.slice(at);
  let missing = 0;
  if (format === "g" || format === "G" || format === "x") {
    missing = precision === -1 ? 6 : precision;
    const significant = head.slice(1).replace(".", "").replace(/^0+/, "");
    missing -= significant.length;
  }
  if (!head.includes(".")) {
    if (head.length === 2 && head[1] === "0") missing--;
    head += ".";
  }
  return head + "0".repeat(Math.max(missing, 0)) + tail;
}
