import type {
  AtModifier,
  DurationExpression,
  Expression,
  MatrixSelector,
  PositionRange,
  Subquery,
  VectorSelector,
} from "../ast.ts";
import type { TokenStream } from "./token-stream.ts";

type Selector = VectorSelector | MatrixSelector | Subquery;
type Change = Partial<Pick<VectorSelector, "offset" | "at" | "extension">>;

/** Puts `offset` on a selector or subquery, and refuses it anywhere else. */
export function withOffset(tokens: TokenStream, target: Expression, offset: DurationExpression): Expression {
  const position = tokens.positionFrom(target.position.start);
  if (!isSelector(target)) {
    const text =
      "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery";
    return tokens.fail(target.position, text);
  }
  if (modifiersOf(target).offset !== undefined) tokens.fail(position, "offset may not be set multiple times");
  return changed(target, { offset }, position);
}

/** Puts `@` on a selector or subquery, and refuses it anywhere else. */
export function withAt(tokens: TokenStream, target: Expression, at: AtModifier): Expression {
  const position = tokens.positionFrom(target.position.start);
  if (!isSelector(target)) {
    const text = "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery";
    return tokens.fail(target.position, text);
  }
  if (modifiersOf(target).at !== undefined) tokens.fail(position, "@ <timestamp> may not be set multiple times");
  return changed(target, { at }, position);
}

/** Puts `anchored` or `smoothed` on a selector; subqueries take neither. */
export function withExtension(tokens: TokenStream, target: Expression, extension: "anchored" | "smoothed"): Expression {
  const position = tokens.positionFrom(target.position.start);
  if (!isSelector(target)) {
    const text = `${extension} modifier must be preceded by an instant vector selector or range vector selector`;
    return tokens.fail(target.position, text);
  }
  if (target.kind === "subquery") {
    return tokens.fail(target.position, `${extension} modifier is not supported for subqueries`);
  }
  const present = modifiersOf(target).extension;
  if (present === extension) tokens.fail(position, `${extension} may not be set multiple times`);
  if (present !== undefined) tokens.fail(position, "anchored and smoothed modifiers cannot be used together");
  return changed(target, { extension }, position);
}

/** Makes a range of a selector that has no modifiers yet. */
export function withRange(tokens: TokenStream, target: Expression, range: DurationExpression): Expression {
  const position = tokens.positionFrom(target.position.start);
  if (target.kind !== "vector-selector") return tokens.fail(position, "ranges only allowed for vector selectors");
  if (target.offset !== undefined) tokens.fail(position, "no offset modifiers allowed before range");
  if (target.at !== undefined) tokens.fail(position, "no @ modifiers allowed before range");
  if (target.extension !== undefined) {
    tokens.fail(position, `no ${target.extension} modifiers allowed before range`);
  }
  return { kind: "matrix-selector", selector: target, range, position };
}

function isSelector(expression: Expression): expression is Selector {
  return (
    expression.kind === "vector-selector" || expression.kind === "matrix-selector" || expression.kind === "subquery"
  );
}

function modifiersOf(selector: Selector): Change {
  if (selector.kind === "matrix-selector") return selector.selector;
  return selector;
}

function changed(selector: Selector, change: Change, position: PositionRange): Expression {
  if (selector.kind !== "matrix-selector") return { ...selector, ...change, position };
  return { ...selector, selector: { ...selector.selector, ...change }, position };
}
