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
  /** The values a regular expression of plain alternatives (`a|b`) can match; undefined for any other matcher. */
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

function plainAlternatives(pattern: string): readonly string[] | undefined {
  return META.test(pattern) ? undefined : pattern.split("|");
}

/** Whether a series' labels satisfy all matchers. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matcher.matches(labels.get(matcher.name)));
}
