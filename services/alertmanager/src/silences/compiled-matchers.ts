import { LabelMatcher } from "@monotreme/alertmanager-config";
import { messageOf } from "@monotreme/errors";
import { type LabelSet, labelOf } from "../alerts/alert.ts";
import type { SilenceMatcher } from "./silence.ts";
import { InvalidSilenceError } from "./silence-errors.ts";

/** The matchers of one silence, ready to be asked. */
export interface CompiledMatchers {
  /** Whether all hold; a missing label counts as empty. */
  matches(labels: LabelSet): boolean;
  /** A label and value that every alert which matches must have; undefined where the matchers name none. */
  readonly requiredLabel: readonly [name: string, value: string] | undefined;
}

type Condition = (labels: LabelSet) => boolean;

/** Throws `SILENCE_INVALID` for what upstream refuses too. */
export function compileMatchers(matchers: readonly SilenceMatcher[]): CompiledMatchers {
  if (matchers.length === 0) throw new InvalidSilenceError("at least one matcher required");
  const conditions = matchers.map(compileMatcher);
  if (conditions.every((holds) => holds({}))) {
    throw new InvalidSilenceError("at least one matcher must not match the empty string");
  }
  const required = matchers.find(({ isRegex, isEqual, value }) => isEqual && !isRegex && value !== "");
  return {
    matches: (labels) => conditions.every((holds) => holds(labels)),
    requiredLabel: required === undefined ? undefined : [required.name, required.value],
  };
}

function compileMatcher(matcher: SilenceMatcher, index: number): Condition {
  if (matcher.name === "") throw new InvalidSilenceError(`invalid label matcher ${index}: empty label name`);
  try {
    const compiled = labelMatcherOf(matcher);
    return (labels) => compiled.matches(labelOf(labels, compiled.name));
  } catch (error) {
    throw new InvalidSilenceError(`invalid label matcher ${index}: ${messageOf(error)}`, error);
  }
}

/** Throws for a pattern that RE2 does not take. */
export function labelMatcherOf({ name, value, isRegex, isEqual }: SilenceMatcher): LabelMatcher {
  if (isRegex) return new LabelMatcher(isEqual ? "=~" : "!~", name, value);
  return new LabelMatcher(isEqual ? "=" : "!=", name, value);
}
