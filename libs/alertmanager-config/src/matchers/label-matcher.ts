import type { RE2JS } from "re2js";
import { compileAnchored } from "@monotreme/model";

/** How a matcher compares, in the order in which upstream sorts. */
export const MATCH_OPERATORS = ["=", "!=", "=~", "!~"] as const;

export type MatchOperator = (typeof MATCH_OPERATORS)[number];

/** Characters for which a label's name needs quotes when it is printed. */
const RESERVED = /[\s\u0085{}!=~,\\"'`]/u;

/**
 * One matcher of a route, an inhibition, a silence or a filter. Regular expressions are RE2 and anchored at both ends;
 * unlike PromQL's, `.` matches no newline. The constructor throws re2js' syntax error, or a RangeError for a pattern
 * that is too large to compile at once.
 */
export class LabelMatcher {
  readonly operator: MatchOperator;
  readonly name: string;
  readonly value: string;
  readonly #regex: RE2JS | undefined;

  constructor(operator: MatchOperator, name: string, value: string) {
    this.operator = operator;
    this.name = name;
    this.value = value;
    this.#regex = operator === "=~" || operator === "!~" ? compileAnchored(value, { isDotAll: false }) : undefined;
  }

  /** Whether a label's value passes; a label that is missing has the empty value. */
  matches(value: string): boolean {
    const isMatch = this.#regex === undefined ? value === this.value : this.#regex.matches(value);
    return isMatch === (this.operator === "=" || this.operator === "=~");
  }

  /** As upstream prints it: `a="b"`, with the name in quotes only where it needs them. */
  toString(): string {
    return RESERVED.test(this.name)
      ? `${JSON.stringify(this.name)}${this.operator}${JSON.stringify(this.value)}`
      : `${this.name}${this.operator}"${escapeValue(this.value)}"`;
  }
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
