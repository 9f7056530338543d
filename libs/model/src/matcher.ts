import { RE2JS } from "re2js";
import type { Labels } from "./labels.ts";
import { patternSize } from "./pattern-size.ts";

/** How many instructions counted repetitions may add to a pattern: some 50 ms of compiling. */
const MAX_REPEATED_SIZE = 20_000;

export type MatchType = "=" | "!=" | "=~" | "!~";

/**
 * One label matcher. Regular expressions are RE2, anchored at both ends, and `.` matches a newline, as in Prometheus 3.
 * The constructor throws re2js' syntax error for a bad pattern.
 */
export class Matcher {
  readonly type: MatchType;
  readonly name: string;
  readonly value: string;
  /** The values a regular expression of plain alternatives (`a|b\.c`) can match; undefined for any other matcher. */
  readonly alternatives: readonly string[] | undefined;
  readonly #regex: RE2JS | undefined;
  readonly #alternativeSet: ReadonlySet<string> | undefined;

  constructor(type: MatchType, name: string, value: string) {
    this.type = type;
    this.name = name;
    this.value = value;
    const isRegex = type === "=~" || type === "!~";
    this.alternatives = isRegex ? plainAlternatives(value) : undefined;
    this.#alternativeSet = this.alternatives === undefined ? undefined : new Set(this.alternatives);
    this.#regex = isRegex && this.alternatives === undefined ? compileAnchored(value) : undefined;
  }

  matches(value: string): boolean {
    switch (this.type) {
      case "=":
        return value === this.value;
      case "!=":
        return value !== this.value;
      case "=~":
        return this.#regexMatches(value);
      case "!~":
        return !this.#regexMatches(value);
    }
  }

  /** Whether the matcher accepts a series without this label. */
  matchesEmpty(): boolean {
    return this.matches("");
  }

  toString(): string {
    return `${this.name}${this.type}${JSON.stringify(this.value)}`;
  }

  #regexMatches(value: string): boolean {
    if (this.#alternativeSet !== undefined) return this.#alternativeSet.has(value);
    return (this.#regex as RE2JS).matches(value);
  }
}

/**
 * An RE2 pattern anchored at both ends: Prometheus' `^(?s:…)$`, or Alertmanager's `^(?:…)$` where `.` matches no
 * newline. Throws for a bad pattern and for one whose repetitions make it too large to compile at once.
 */
export function compileAnchored(pattern: string, { isDotAll = true } = {}): RE2JS {
  if (patternSize(pattern) > pattern.length + MAX_REPEATED_SIZE) {
    throw new RangeError("error parsing regexp: expression too large");
  }
  return RE2JS.compile(`^(?${isDotAll ? "s" : ""}:${pattern})$`);
}

const META = /[\\.+*?()[\]{}^$]/;
/** A group around everything; that it has no other group in it is seen later, by its characters. */
const GROUP = /^\((?:\?:)?([^]*)\)$/;
/** A character that stands for itself, an escaped one that does, or what separates alternatives. */
const LITERAL = /[^\\.+*?()[\]{}^$|]+|\\([!-/:-@[-`{-~])|(\|)/y;

/** The texts that a pattern of nothing but literal alternatives matches: `a|b`, `(a|b)`, `a\.b|c`. */
export function plainAlternatives(pattern: string): readonly string[] | undefined {
  if (!META.test(pattern)) return pattern.split("|");
  // The last parenthesis of `(a\)` is a literal.
  const inner = GROUP.exec(pattern)?.[1] ?? pattern;
  const alternatives: string[] = [];
  let literal = "";
  LITERAL.lastIndex = 0;
  while (LITERAL.lastIndex < inner.length) {
    const found = LITERAL.exec(inner);
    if (found === null) return undefined;
    const [text, escaped, separator] = found;
    if (separator === undefined) literal += escaped ?? text;
    else {
      alternatives.push(literal);
      literal = "";
    }
  }
  return [...alternatives, literal];
}

/** Whether a series' labels satisfy all matchers. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matcher.matches(labels.get(matcher.name)));
}
