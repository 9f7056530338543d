import type { NativeHistogram } from "../value.ts";
import { ScriptError } from "./script-error.ts";
import { parseScriptNumber } from "./script-number.ts";

const HINTS: Readonly<Record<string, NativeHistogram["counterResetHint"]>> = {
  unknown: "unknown",
  reset: "reset",
  not_reset: "not-reset",
  gauge: "gauge",
};
const PROPERTY = /([a-z_]+):(?:\[([^\]]*)\]|(\S+))/y;

/** A histogram of the test language, and whether its counter reset hint was written. */
export interface HistogramLiteral {
  readonly histogram: NativeHistogram;
  readonly hasHint: boolean;
}

/** Reads what stands between `{{` and `}}`. Throws a {@link ScriptError} for unknown properties. */
export function parseHistogramLiteral(body: string): HistogramLiteral {
  const numbers = new Map<string, number>();
  const lists = new Map<string, readonly number[]>();
  let hint: NativeHistogram["counterResetHint"] | undefined;
  for (let at = skipSpaces(body, 0); at < body.length; at = skipSpaces(body, at)) {
    PROPERTY.lastIndex = at;
    const match = PROPERTY.exec(body);
    if (match === null) throw new ScriptError(`bad histogram property at ${body.slice(at)}`);
    at += match[0].length;
    const [, name = "", list, text = ""] = match;
    if (name === "counter_reset_hint") hint = HINTS[text] ?? badValue(text);
    else if (list !== undefined) lists.set(name, list.split(/\s+/).filter(Boolean).map(numberOf));
    else numbers.set(name, numberOf(text));
  }
  const unknown = [...numbers.keys(), ...lists.keys()].find((name) => !PROPERTIES.has(name));
  if (unknown !== undefined) throw new ScriptError(`unknown histogram property ${unknown}`);
  return { histogram: build(numbers, lists, hint ?? "unknown"), hasHint: hint !== undefined };
}

const PROPERTIES = new Set(
  "schema sum count z_bucket z_bucket_w buckets offset n_buckets n_offset custom_values".split(" "),
);

function build(
  numbers: ReadonlyMap<string, number>,
  lists: ReadonlyMap<string, readonly number[]>,
  counterResetHint: NativeHistogram["counterResetHint"],
): NativeHistogram {
  return {
    schema: numbers.get("schema") ?? 0,
    counterResetHint,
    zeroThreshold: numbers.get("z_bucket_w") ?? 0,
    zeroCount: numbers.get("z_bucket") ?? 0,
    count: numbers.get("count") ?? 0,
    sum: numbers.get("sum") ?? 0,
    positiveOffset: numbers.get("offset") ?? 0,
    positiveBuckets: lists.get("buckets") ?? [],
    negativeOffset: numbers.get("n_offset") ?? 0,
    negativeBuckets: lists.get("n_buckets") ?? [],
    customBounds: lists.get("custom_values") ?? [],
  };
}

function numberOf(text: string): number {
  return parseScriptNumber(text) ?? badValue(text);
}

function badValue(text: string): never {
  throw new ScriptError(`bad value of a histogram property: ${text}`);
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] ?? "")) at++;
  return at;
}
