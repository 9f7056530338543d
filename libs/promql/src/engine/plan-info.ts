import { Matcher, METRIC_NAME } from "@monotreme/model";
import type { AtModifier, DurationExpression, Expression, FunctionCall, VectorSelector } from "../ast.ts";
import { childrenOf } from "../parser/children-of.ts";

/** How `info(v, {…})` finds the info series and what it takes from them. */
export interface InfoPlan {
  /** Reads the info series. */
  readonly selector: VectorSelector;
  /** Names of info metrics: series that match are info series themselves and stay as they are. */
  readonly nameMatchers: readonly Matcher[];
  /** What the data labels have to match; where there are any, only these labels are taken. */
  readonly dataMatchers: readonly Matcher[];
}

/** Base series and info series belong together where these are the same. */
export const IDENTIFYING_LABELS: ReadonlySet<string> = new Set(["instance", "job"]);

const DEFAULT_NAME = new Matcher("=", METRIC_NAME, "target_info");
const ANY_INFO_NAME = new Matcher("=~", METRIC_NAME, ".+_info");

/** The names and data labels that an `info` call asks for. */
export function infoPlanOf(call: FunctionCall): InfoPlan {
  const [, argument] = call.arguments;
  const matchers = argument?.kind === "vector-selector" ? argument.matchers : [];
  const given = matchers.filter(({ name }) => name === METRIC_NAME);
  const dataMatchers = matchers.filter(({ name }) => name !== METRIC_NAME);
  const nameMatchers = nameMatchersOf(given);
  const selector: VectorSelector = {
    kind: "vector-selector",
    name: "",
    matchers: [...nameMatchers, ...dataMatchers],
    offset: undefined,
    at: undefined,
    extension: undefined,
    position: call.position,
  };
  return { selector, nameMatchers, dataMatchers };
}

/** Names that are only excluded leave all other info metrics. */
function nameMatchersOf(given: readonly Matcher[]): readonly Matcher[] {
  if (given.length === 0) return [DEFAULT_NAME];
  const isPositive = given.some(({ type }) => type === "=" || type === "=~");
  return isPositive ? given : [ANY_INFO_NAME, ...given];
}

/** The time modifiers that an expression's first selector is read with, from the outermost to the innermost. */
export interface TimeShift {
  readonly at: AtModifier | undefined;
  readonly offsets: readonly DurationExpression[];
}

/** Info series are looked up as of the time at which the first selector of the base expression is read. */
export function timeShiftOf(expression: Expression): TimeShift {
  let at: AtModifier | undefined;
  let offsets: DurationExpression[] = [];
  let node: Expression | undefined = expression;
  while (node !== undefined) {
    if (node.kind === "vector-selector" || node.kind === "subquery") {
      if (node.at !== undefined) {
        at = node.at;
        // What lies outside of a fixed time does not move it.
        offsets = [];
      }
      if (node.offset !== undefined) offsets.push(node.offset);
    }
    node = childrenOf(node).find(hasSelector);
  }
  return { at, offsets };
}

function hasSelector(expression: Expression): boolean {
  return expression.kind === "vector-selector" || childrenOf(expression).some(hasSelector);
}
