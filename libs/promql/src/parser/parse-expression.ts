import type { Expression } from "../ast.ts";
import { childrenOf } from "./children-of.ts";
import { ExpressionParser, MAX_TREE_DEPTH } from "./expression-parser.ts";
import { ParseError } from "./parse-error.ts";
import type { ParserOptions } from "./parser-options.ts";
import { QueryText } from "./query-text.ts";
import { TokenStream } from "./token-stream.ts";
import { checkTypes } from "./type-check.ts";

/** Longer queries are refused before they are read. */
export const MAX_QUERY_LENGTH = 256 * 1024;

/**
 * Reads a PromQL query and checks its types. Throws a {@link ParseError} for anything else, whatever the text; the work
 * is linear in the text's length and the tree at most {@link MAX_TREE_DEPTH} levels deep.
 */
export function parseExpression(text: string, options: ParserOptions = {}): Expression {
  if (text.length > MAX_QUERY_LENGTH) {
    const position = new QueryText("").position(0, 0);
    throw new ParseError(position, `query is longer than ${MAX_QUERY_LENGTH} characters`);
  }
  const expression = new ExpressionParser(new TokenStream(text), options).run();
  checkDepth(expression);
  return checkTypes(expression);
}

/** Level by level, because the tree may be too deep to recurse. */
function checkDepth(expression: Expression): void {
  let level: readonly Expression[] = [expression];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_TREE_DEPTH) {
      throw new ParseError(expression.position, `query is nested more than ${MAX_TREE_DEPTH} levels deep`);
    }
    level = level.flatMap(childrenOf);
  }
}
