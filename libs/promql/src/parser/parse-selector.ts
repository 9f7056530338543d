import type { Matcher } from "@monotreme/model";
import { ParseError } from "./parse-error.ts";
import { parseExpression } from "./parse-expression.ts";

/**
 * Reads a bare series selector, as the `match[]` parameters of the HTTP API and federation take it. Throws a
 * {@link ParseError} for anything else, and for one that would match every series.
 */
export function parseSelector(text: string): readonly Matcher[] {
  const expression = parseExpression(text);
  const isPlain =
    expression.kind === "vector-selector" && expression.offset === undefined && expression.at === undefined;
  if (!isPlain) throw new ParseError(expression.position, "expected a series selector without modifiers");
  return expression.matchers;
}
