import type { Aggregation, AggregationOperator, Expression } from "../ast.ts";
import { parseGrouping } from "./grouping-parser.ts";
import { isExperimentalAggregation, parameterTypeOf } from "./operators.ts";
import type { ParserOptions } from "./parser-options.ts";
import type { TokenStream } from "./token-stream.ts";

/** Reads an aggregation from its operator on; `by` or `without` may stand before or after the arguments. */
export function parseAggregation(
  tokens: TokenStream,
  options: ParserOptions,
  operator: AggregationOperator,
  readArguments: () => Expression[],
): Aggregation {
  const name = tokens.next();
  const before = parseModifier(tokens);
  if (!tokens.isSymbol("(")) tokens.unexpected("aggregation");
  const values = readArguments();
  const modifier = before ?? parseModifier(tokens) ?? { without: false, grouping: [] };
  const position = tokens.positionFrom(name.start);
  if (isExperimentalAggregation(operator) && options.experimentalFunctions !== true) {
    tokens.fail(
      position,
      `${operator}() is experimental and must be enabled with --enable-feature=promql-experimental-functions`,
    );
  }
  const wanted = parameterTypeOf(operator) === undefined ? 1 : 2;
  const expression = values[wanted - 1];
  if (values.length === 0) tokens.fail(position, "no arguments for aggregate expression provided");
  if (expression === undefined || values.length !== wanted) {
    const text = `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${values.length}`;
    return tokens.fail(position, text);
  }
  const parameter = wanted === 2 ? values[0] : undefined;
  return { kind: "aggregation", operator, expression, parameter, ...modifier, position };
}

function parseModifier(tokens: TokenStream): { without: boolean; grouping: string[] } | undefined {
  const without = tokens.isKeyword("without");
  if (!without && !tokens.isKeyword("by")) return undefined;
  tokens.next();
  return { without, grouping: parseGrouping(tokens) };
}
