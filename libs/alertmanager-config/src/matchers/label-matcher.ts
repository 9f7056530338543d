import { compareUtf8, compileAnchored } from "@monotreme/model";
import type { RE2JS } from "re2js";
import { quoteGoString } from "./go-string.ts";

/** How a matcher compares, in the order in which upstream sorts. */
export const MATCH_OPERATORS = ["=", "!=", "=~", "!~"] as const;

/** Equal, not equal, matching a pattern, not matching it. */
export type MatchOperator = (typeof MATCH_OPERATORS)[number];

/** Go's white space and the signs of the matcher language: a name with one of them is printed in quotes. */
const RESERVED = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000{}!=~,\\"'`]/;

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

  /** Same operator, name and value. */
  equals(other: LabelMatcher): boolean {
    return this.operator === other.operator && this.name === other.name && this.value === other.value;
  }

  /** As upstream prints it: `a="b"`, with the name in quotes only where it needs them. */
  toString(): string {
    return RESERVED.test(this.name)
      ? `${quoteGoString(this.name)}${this.operator}${quoteGoString(this.value)}`
      : `${this.name}${this.operator}"${escapeValue(this.value)}"`;
  }
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

/** Whether all matchers accept a label set; a label that is missing has the empty value. */
export function matchesLabels(matchers: readonly LabelMatcher[], labels: Readonly<Record<string, string>>): boolean {
  return matchers.every((matcher) =>
    matcher.matches(Object.hasOwn(labels, matcher.name) ? (labels[matcher.name] ?? "") : ""),
  );
}

/** All matchers in braces, as group keys and messages have them: `{a="b",c=~"d"}`. */
export function formatMatchers(matchers: readonly LabelMatcher[]): string {
  return `{${matchers.join(",")}}`;
}

/** A copy in upstream's order: by name, value and operator. */
export function sortMatchers(matchers: readonly LabelMatcher[]): readonly LabelMatcher[] {
  return matchers.toSorted(
    (a, b) =>
      compareUtf8(a.name, b.name) ||
      compareUtf8(a.value, b.value) ||
      MATCH_OPERATORS.indexOf(a.operator) - MATCH_OPERATORS.indexOf(b.operator),
  );
}
