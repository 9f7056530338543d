import type { MatchCardinality, VectorMatching } from "../ast.ts";
import { parseGrouping } from "./grouping-parser.ts";
import { parseNumber } from "./number-literal.ts";
import type { ParserOptions } from "./parser-options.ts";
import type { TokenStream } from "./token-stream.ts";

/** What stands between a binary operator and its right side. */
export interface BinaryModifiers {
  readonly returnBool: boolean;
  readonly matching: VectorMatching;
}

interface Fill {
  left?: number;
  right?: number;
}

/** Reads `bool`, then `on`/`ignoring` with `group_left`/`group_right`, then the fill modifiers; all may be missing. */
export function parseBinaryModifiers(tokens: TokenStream, options: ParserOptions): BinaryModifiers {
  const returnBool = tokens.acceptKeyword("bool");
  const on = tokens.isKeyword("on");
  let labels: string[] = [];
  let include: string[] = [];
  let cardinality: MatchCardinality = "one-to-one";
  if (on || tokens.isKeyword("ignoring")) {
    tokens.next();
    labels = parseGrouping(tokens);
    const group = tokens.isKeyword("group_left")
      ? "many-to-one"
      : tokens.isKeyword("group_right")
        ? "one-to-many"
        : undefined;
    if (group !== undefined) {
      tokens.next();
      cardinality = group;
      if (tokens.isSymbol("(")) include = parseGrouping(tokens);
    }
  }
  const fill = parseFill(tokens, options);
  return { returnBool, matching: { cardinality, labels, on, include, fillLeft: fill.left, fillRight: fill.right } };
}

function parseFill(tokens: TokenStream, options: ParserOptions): Fill {
  const fill: Fill = {};
  for (;;) {
    const keyword = ["fill", "fill_left", "fill_right"].find((name) => tokens.isKeyword(name));
    if (keyword === undefined || !tokens.isSymbol("(", 1)) return fill;
    const { start } = tokens.next();
    if (options.binopFillModifiers !== true) {
      tokens.fail(tokens.positionFrom(start), "binop fill modifiers are experimental and not enabled");
    }
    const value = parseFillValue(tokens);
    const sidesTaken =
      (keyword !== "fill_right" && fill.left !== undefined) || (keyword !== "fill_left" && fill.right !== undefined);
    if (sidesTaken) tokens.fail(tokens.positionFrom(start), "fill modifiers may not be set multiple times");
    if (keyword !== "fill_right") fill.left = value;
    if (keyword !== "fill_left") fill.right = value;
  }
}

function parseFillValue(tokens: TokenStream): number {
  tokens.expectSymbol("(", "fill modifiers");
  const sign = tokens.acceptSymbol("-") ? -1 : 1;
  if (sign === 1) tokens.acceptSymbol("+");
  const value = parseNumber(tokens.peek().text);
  if (value === undefined) return tokens.unexpected("fill modifiers", "number");
  tokens.next();
  tokens.expectSymbol(")", "fill modifiers");
  return sign * value.value;
}
