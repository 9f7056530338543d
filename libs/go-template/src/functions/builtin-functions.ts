import { sprint, sprintln } from "../fmt/sprint.ts";
import { sprintf } from "../fmt/sprintf.ts";
import { TemplateFunctionError } from "../template-error.ts";
import { type CallContext, GoFunction } from "../value/go-function.ts";
import type { GoValue } from "../value/go-value.ts";
import { isAssignable, isTrue, stringOf, typeNameOf } from "../value/kind.ts";
import type { TemplateValue } from "../value/go-value.ts";
import { indexInto, lengthOf, sliceOf } from "./collections.ts";
import { isEqual, isLess } from "./compare.ts";
import { escapeHtml, escapeJs, escapeQuery } from "./escape.ts";

const REFLECT = "reflect.Value";
const ANY = "interface {}";

function fixed(count: number, call: (args: readonly GoValue[]) => TemplateValue): GoFunction {
  return new GoFunction(Array<string>(count).fill(REFLECT), false, call);
}

function variadic(call: (first: GoValue, rest: readonly GoValue[], context: CallContext) => TemplateValue): GoFunction {
  return new GoFunction([REFLECT, REFLECT], true, ([first, ...rest], context) => call(first, rest, context));
}

function printing(call: (args: readonly GoValue[], context: CallContext) => string): GoFunction {
  return new GoFunction([ANY], true, call);
}

/** The text of arguments as the escapers see it: `fmt.Sprint`, missing values as `<no value>`. */
function textOf(args: readonly GoValue[], context: CallContext): string {
  const [only] = args;
  if (args.length === 1 && typeof only === "string") return only;
  return sprint(
    args.map((arg) => (arg === null || arg === undefined ? "<no value>" : arg)),
    context,
  );
}

function isEqualToAny(first: GoValue, others: readonly GoValue[]): boolean {
  if (others.length === 0) throw new TemplateFunctionError("missing argument for comparison");
  return others.some((other) => isEqual(first, other));
}

function isLessOrEqual(a: GoValue, b: GoValue): boolean {
  return isLess(a, b) || isEqual(a, b);
}

function callFunction(target: GoValue, args: readonly GoValue[], context: CallContext): TemplateValue {
  if (target === undefined || target === null) throw new TemplateFunctionError("call of nil");
  if (!(target instanceof GoFunction)) {
    throw new TemplateFunctionError(`non-function of type ${typeNameOf(target)}`);
  }
  const { params, isVariadic } = target;
  if (isVariadic ? args.length < params.length - 1 : args.length !== params.length) {
    throw new TemplateFunctionError(`wrong number of args: got ${args.length} want ${params.length}`);
  }
  for (const [i, arg] of args.entries()) {
    const typeName = params[Math.min(i, params.length - 1)] ?? ANY;
    if (!isAssignable(arg, typeName)) {
      throw new TemplateFunctionError(`arg ${i}: value has type ${typeNameOf(arg)}; should be ${typeName}`);
    }
  }
  return target.call(args, context);
}

/** The functions that every template has, as in Go. `and` and `or` are evaluated by the executor, which stops early. */
export const BUILTIN_FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map([
  ["and", variadic((first) => first)],
  ["or", variadic((first) => first)],
  ["not", fixed(1, ([value]) => !isTrue(value))],
  ["len", fixed(1, ([value]) => lengthOf(value))],
  ["index", variadic((item, indexes) => indexInto(item, indexes))],
  ["slice", variadic((item, indexes) => sliceOf(item, indexes))],
  ["call", variadic(callFunction)],
  ["print", printing(sprint)],
  ["println", printing(sprintln)],
  [
    "printf",
    new GoFunction(["string", ANY], true, ([format, ...args], context) =>
      sprintf(stringOf(format) ?? "", args, context),
    ),
  ],
  ["html", printing((args, context) => escapeHtml(textOf(args, context)))],
  ["js", printing((args, context) => escapeJs(textOf(args, context)))],
  ["urlquery", printing((args, context) => escapeQuery(textOf(args, context)))],
  ["eq", variadic((first, others) => isEqualToAny(first, others))],
  ["ne", fixed(2, ([a, b]) => !isEqual(a, b))],
  ["lt", fixed(2, ([a, b]) => isLess(a, b))],
  ["le", fixed(2, ([a, b]) => isLessOrEqual(a, b))],
  ["gt", fixed(2, ([a, b]) => !isLessOrEqual(a, b))],
  ["ge", fixed(2, ([a, b]) => !isLess(a, b))],
]);
