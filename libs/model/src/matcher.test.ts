import { expect, test } from "vitest";
import { Labels } from "./labels.ts";
import { matchesAll, Matcher, type MatchType } from "./matcher.ts";

test("matcher - matches as Prometheus does", () => {
  const f = (type: MatchType, pattern: string, value: string, expected: boolean): void =>
    expect(new Matcher(type, "a", pattern).matches(value), `${value} ${type} ${pattern}`).toBe(expected);
  f("=", "x", "x", true);
  f("!=", "x", "", true);
  f("=~", "x|yy", "yy", true);
  f("=~", "x|yy", "y", false);
  f("=~", "x.*", "ax", false);
  f("=~", ".+", "line\nbreak", true);
  f("=~", "", "", true);
  f("!~", "x|y", "z", true);
  f("=~", "(?i)ABC", "abc", true);
  f("=~", "a{2}", "aa", true);
});

test("matcher - an absent label counts as empty", () => {
  const labels = Labels.fromObject({ a: "1" });
  expect(matchesAll([new Matcher("=", "a", "1"), new Matcher("=", "b", "")], labels)).toBe(true);
  expect(matchesAll([new Matcher("!=", "b", "")], labels)).toBe(false);
  expect(new Matcher("=~", "b", "x*").matchesEmpty()).toBe(true);
});

test("matcher - a pattern that takes exponential time elsewhere ends at once", () => {
  expect(new Matcher("=~", "a", "(a+)+b").matches("a".repeat(5000))).toBe(false);
});

test("matcher - a broken pattern is an error", () => {
  expect(() => new Matcher("=~", "a", "(")).toThrow();
});
