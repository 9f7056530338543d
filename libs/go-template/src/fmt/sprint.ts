import type { GoValue } from "../value/go-value.ts";
import { stringOf } from "../value/kind.ts";
import { type LengthCheck, printPlain } from "./value-printer.ts";

/** One value as `fmt.Print` writes it. */
export function formatPlain(value: GoValue, check: LengthCheck): string {
  return printPlain(value, check);
}

/** Go's `fmt.Sprint`: a space between two values of which neither is a string. */
export function sprint(values: readonly GoValue[], check: LengthCheck): string {
  let text = "";
  let wasString = true;
  for (const value of values) {
    const isString = stringOf(value) !== undefined;
    if (!isString && !wasString) text += " ";
    text += printPlain(value, check);
    check.checkLength(text.length);
    wasString = isString;
  }
  return text;
}

/** Go's `fmt.Sprintln`: a space between all values and a line feed at the end. */
export function sprintln(values: readonly GoValue[], check: LengthCheck): string {
  const text = `${values.map((value) => printPlain(value, check)).join(" ")}\n`;
  check.checkLength(text.length);
  return text;
}
