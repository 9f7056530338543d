import { Matcher, type MatchType, METRIC_NAME, type PatternBudget } from "@monotreme/model";
import { messageOf } from "@monotreme/errors";
import type { TokenStream } from "./token-stream.ts";

const CONTEXT = "label matching";
/** A regular expression's fault shows the expression, which may be long. */
const MAX_FAULT_LENGTH = 500;
const MATCH_TYPES: readonly MatchType[] = ["=", "!=", "=~", "!~"];

/** Reads `{…}`; a bare quoted string is the metric's name. */
export function parseMatchers(tokens: TokenStream, patterns: PatternBudget): Matcher[] {
  const matchers: Matcher[] = [];
  tokens.expectSymbol("{", CONTEXT);
  while (!tokens.acceptSymbol("}")) {
    matchers.push(parseMatcher(tokens, patterns));
    if (!tokens.acceptSymbol(",") && !tokens.isSymbol("}")) tokens.unexpected(CONTEXT, '"," or "}"');
  }
  return matchers;
}

function parseMatcher(tokens: TokenStream, patterns: PatternBudget): Matcher {
  const first = tokens.peek();
  if (first.type === "string") {
    const name = tokens.expectString(CONTEXT, "string");
    if (tokens.isSymbol(",") || tokens.isSymbol("}")) return new Matcher("=", METRIC_NAME, name);
    return parseCondition(tokens, patterns, name, first.start);
  }
  if (first.type !== "identifier") tokens.unexpected(CONTEXT, 'identifier or "}"');
  return parseCondition(tokens, patterns, tokens.next().text, first.start);
}

function parseCondition(tokens: TokenStream, patterns: PatternBudget, name: string, start: number): Matcher {
  const type = MATCH_TYPES.find((candidate) => tokens.isSymbol(candidate));
  if (type === undefined) tokens.unexpected(CONTEXT, "label matching operator");
  tokens.next();
  const value = tokens.expectString(CONTEXT, "string");
  try {
    return patterns.matcher(type, name, value);
  } catch (thrown) {
    return tokens.fail(tokens.positionFrom(start), messageOf(thrown).slice(0, MAX_FAULT_LENGTH));
  }
}
