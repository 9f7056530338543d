import { parseDurationMs, parseFloatGo } from "@monotreme/model";
import { parseNumber } from "../parser/number-literal.ts";

/** A signed number of the test language: decimal, exponent, hexadecimal, `Inf`, `NaN`. */
export function parseScriptNumber(text: string): number | undefined {
  const plain = parseFloatGo(text);
  if (plain !== undefined) return plain;
  const sign = text.startsWith("-") ? -1 : 1;
  const number = parseNumber(text.replace(/^[+-]/, ""));
  return number === undefined || number.isDuration ? undefined : sign * number.value;
}

/** A signed time or duration of the test language in ms: `5m`, or seconds as a number. */
export function parseScriptTimeMs(text: string): number | undefined {
  const sign = text.startsWith("-") ? -1 : 1;
  const unsigned = text.replace(/^[+-]/, "");
  const durationMs = parseDurationMs(unsigned);
  if (durationMs !== undefined) return sign * durationMs + 0;
  const seconds = parseScriptNumber(unsigned);
  return seconds === undefined ? undefined : sign * seconds * 1000;
}
