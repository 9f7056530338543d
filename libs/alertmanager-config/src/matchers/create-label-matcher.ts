import { messageOf } from "@monotreme/errors";
import { LabelMatcher, type MatchOperator } from "./label-matcher.ts";
import { MatcherParseError } from "./matcher-parse-error.ts";

/** A matcher, with {@link MatcherParseError} where its pattern is none. */
export function createLabelMatcher(operator: MatchOperator, name: string, value: string): LabelMatcher {
  try {
    return new LabelMatcher(operator, name, value);
  } catch (error) {
    throw new MatcherParseError(`bad regular expression of label ${JSON.stringify(name)}: ${messageOf(error)}`, error);
  }
}
