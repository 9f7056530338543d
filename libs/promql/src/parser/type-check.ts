import { METRIC_NAME } from "@monotreme/model";
import type {
  Aggregation,
  BinaryExpression,
  DurationExpression,
  Expression,
  FunctionCall,
  PositionRange,
  Subquery,
  ValueType,
  VectorSelector,
} from "../ast.ts";
import { FUNCTION_SIGNATURES, type FunctionSignature } from "./function-signatures.ts";
import { quoteShort } from "./go-quote.ts";
import { isComparison, isSetOperator, parameterTypeOf } from "./operators.ts";
import { ParseError } from "./parse-error.ts";
import { documentedType } from "./value-type.ts";

interface Checked {
  readonly expression: Expression;
  readonly type: ValueType;
}

/**
 * Refuses trees whose types do not fit, in Prometheus' words, and gives the tree back with what follows from the types
 * filled in: vector matching only between vectors, set operators many-to-many.
 */
export function checkTypes(expression: Expression): Expression {
  return check(expression).expression;
}

function check(expression: Expression): Checked {
  switch (expression.kind) {
    case "number":
      return { expression, type: "scalar" };
    case "string":
      return { expression, type: "string" };
    case "vector-selector":
      checkSelector(expression);
      return { expression, type: "vector" };
    case "matrix-selector":
      checkSelector(expression.selector);
      checkPositive(expression.range);
      return { expression, type: "matrix" };
    case "subquery":
      return checkSubquery(expression);
    case "parenthesis": {
      const inner = check(expression.expression);
      return { expression: { ...expression, expression: inner.expression }, type: inner.type };
    }
    case "unary": {
      const inner = check(expression.expression);
      if (inner.type !== "scalar" && inner.type !== "vector") {
        const got = quoteShort(documentedType(inner.type));
        fail(expression, `unary expression only allowed on expressions of type scalar or instant vector, got ${got}`);
      }
      return { expression: { ...expression, expression: inner.expression }, type: inner.type };
    }
    case "aggregation":
      return checkAggregation(expression);
    case "binary":
      return checkBinary(expression);
    case "call":
      return checkCall(expression);
  }
}

function checkSelector(selector: VectorSelector): void {
  const named = selector.name === "" ? undefined : selector.matchers.length - 1;
  const nameMatchers = selector.matchers.filter((matcher) => matcher.name === METRIC_NAME && matcher.type === "=");
  if (named !== undefined) {
    const other = selector.matchers.slice(0, named).find((matcher) => matcher.name === METRIC_NAME);
    if (other !== undefined) failTwice(selector, selector.name, other.value);
    return;
  }
  const [first, second] = nameMatchers;
  if (first !== undefined && second !== undefined) failTwice(selector, first.value, second.value);
  if (selector.matchers.every((matcher) => matcher.matchesEmpty())) {
    fail(selector, "vector selector must contain at least one non-empty matcher");
  }
}

function failTwice(selector: VectorSelector, first: string, second: string): never {
  fail(selector, `metric name must not be set twice: ${quoteShort(first)} or ${quoteShort(second)}`);
}

function checkSubquery(subquery: Subquery): Checked {
  const inner = check(subquery.expression);
  if (inner.type !== "vector") {
    fail(subquery, `subquery is only allowed on instant vector, got ${inner.type} instead`);
  }
  checkPositive(subquery.range);
  if (subquery.step !== undefined) checkPositive(subquery.step);
  return { expression: { ...subquery, expression: inner.expression }, type: "matrix" };
}

/** Only what is written as one literal; the engine checks what it computes. */
function checkPositive(duration: DurationExpression): void {
  const isNegative = duration.kind === "negate" && duration.operand.kind === "duration";
  if (isNegative || (duration.kind === "duration" && !(duration.durationMs > 0))) {
    fail(duration, "duration must be greater than 0");
  }
}

function checkAggregation(aggregation: Aggregation): Checked {
  const inner = expectType(aggregation.expression, "vector", "aggregation expression");
  const wanted = parameterTypeOf(aggregation.operator);
  const { parameter } = aggregation;
  const checkedParameter =
    wanted === undefined || parameter === undefined
      ? undefined
      : expectType(parameter, wanted, "aggregation parameter");
  return { expression: { ...aggregation, expression: inner, parameter: checkedParameter }, type: "vector" };
}

function checkBinary(binary: BinaryExpression): Checked {
  const left = check(binary.left);
  const right = check(binary.right);
  const isScalars = left.type === "scalar" && right.type === "scalar";
  if (binary.returnBool && !isComparison(binary.operator)) {
    fail({ position: binary.operatorPosition }, "bool modifier can only be used on comparison operators");
  }
  if (isComparison(binary.operator) && !binary.returnBool && isScalars) {
    fail({ position: binary.operatorPosition }, "comparisons between scalars must use BOOL modifier");
  }
  checkGroupLabels(binary);
  for (const side of [left, right]) {
    if (side.type === "scalar" || side.type === "vector") continue;
    fail(side.expression, "binary expression must contain only scalar and instant vector types");
  }
  const isVectors = left.type === "vector" && right.type === "vector";
  const matching = isVectors ? checkVectorMatching(binary) : checkNoMatching(binary);
  const expression = { ...binary, left: left.expression, right: right.expression, matching };
  return { expression, type: isScalars ? "scalar" : "vector" };
}

function checkGroupLabels({ matching, operatorPosition }: BinaryExpression): void {
  if (matching === undefined || !matching.on) return;
  const twice = matching.labels.find((label) => matching.include.includes(label));
  if (twice === undefined) return;
  fail({ position: operatorPosition }, `label ${quoteShort(twice)} must not occur in ON and GROUP clause at once`);
}

function checkVectorMatching(binary: BinaryExpression): BinaryExpression["matching"] {
  const { matching, operator } = binary;
  if (matching === undefined || !isSetOperator(operator)) return matching;
  if (matching.cardinality !== "one-to-one") fail(binary, `no grouping allowed for ${quoteShort(operator)} operation`);
  if (matching.fillLeft !== undefined || matching.fillRight !== undefined) {
    fail(binary, "filling in missing series not allowed for set operators");
  }
  return { ...matching, cardinality: "many-to-many" };
}

function checkNoMatching(binary: BinaryExpression): undefined {
  const { matching, operator } = binary;
  if (matching !== undefined && matching.labels.length > 0) {
    fail(binary, "vector matching only allowed between instant vectors");
  }
  if (matching?.fillLeft !== undefined || matching?.fillRight !== undefined) {
    fail(binary, "filling in missing series only allowed between instant vectors");
  }
  if (isSetOperator(operator)) {
    fail(binary, `set operator ${quoteShort(operator)} not allowed in binary scalar expression`);
  }
  return undefined;
}

function checkCall(call: FunctionCall): Checked {
  const signature = FUNCTION_SIGNATURES.get(call.name);
  if (signature === undefined) fail(call, `unknown function with name ${quoteShort(call.name)}`);
  checkArity(call, signature);
  const context = `call to function ${quoteShort(call.name)}`;
  const last = signature.argumentTypes.length - 1;
  const values = call.arguments.map((value, i) => {
    const wanted = signature.argumentTypes[Math.min(i, last)] ?? "vector";
    if (call.name === "info" && i === 1) return checkInfoSelector(value, context);
    return expectType(value, wanted, context);
  });
  return { expression: { ...call, arguments: values }, type: signature.returnType };
}

function checkArity(call: FunctionCall, { argumentTypes, variadic }: FunctionSignature): void {
  const name = quoteShort(call.name);
  const got = call.arguments.length;
  const declared = argumentTypes.length;
  if (variadic === 0) {
    if (got !== declared) fail(call, `expected ${declared} argument(s) in call to ${name}, got ${got}`);
    return;
  }
  const least = declared - 1;
  const most = least + variadic;
  if (got < least) fail(call, `expected at least ${least} argument(s) in call to ${name}, got ${got}`);
  if (variadic > 0 && got > most) fail(call, `expected at most ${most} argument(s) in call to ${name}, got ${got}`);
}

/** The second argument of `info` is a selector without a name, and may match everything. */
function checkInfoSelector(value: Expression, context: string): Expression {
  if (value.kind !== "vector-selector") {
    const { type } = check(value);
    fail(value, `expected type instant vector selector in ${context}, got ${documentedType(type)}`);
  }
  if (value.name !== "") fail(value, "expected label selectors only, got vector selector instead");
  return value;
}

function expectType(expression: Expression, wanted: ValueType, context: string): Expression {
  const checked = check(expression);
  if (checked.type === wanted) return checked.expression;
  fail(expression, `expected type ${documentedType(wanted)} in ${context}, got ${documentedType(checked.type)}`);
}

function fail(at: { readonly position: PositionRange }, text: string): never {
  throw new ParseError(at.position, text);
}
