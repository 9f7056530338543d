import fc from "fast-check";
import { expect, test } from "vitest";
import { Labels } from "./labels.ts";
import { compileAnchored, matchesAll, Matcher, type MatchType } from "./matcher.ts";

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

test("matcher - patterns of nothing but literals are looked up, not run", () => {
  const f = (pattern: string, alternatives: readonly string[] | undefined): void =>
    expect(new Matcher("=~", "a", pattern).alternatives, pattern).toEqual(alternatives);
  f("a|b", ["a", "b"]);
  f("", [""]);
  f("(a|b)", ["a", "b"]);
  f("(?:a|)", ["a", ""]);
  f("a\\.b|c\\-d\\|e|f/g", ["a.b", "c-d|e", "f/g"]);
  f("(a\\(b\\)|c)", ["a(b)", "c"]);
  f("10\\.0\\.0\\.1:9100", ["10.0.0.1:9100"]);
  f("(a)|(b)", undefined);
  f("(a|b)c", undefined);
  f("(?i:a)", undefined);
  f("a\\d|b", undefined);
  f("a\\Q.\\E", undefined);
  f("a.b", undefined);
  f("^a$", undefined);
  expect(() => new Matcher("=~", "a", "(a\\)")).toThrow();
});

test("matcher - a look-up finds what the pattern would find", () => {
  const part = fc.constantFrom("a", "b", "|", "\\.", "\\-", "\\|", "\\(", "(", ")", "(?:", "_", "é", "\\n", ".", "💥");
  const pattern = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(
      pattern,
      fc.array(fc.constantFrom("a", "b", "|", ".", "-", "(", "_", "é", "💥"), { maxLength: 4 }),
      (text, chars) => {
        let compiled: ReturnType<typeof compileAnchored>;
        try {
          compiled = compileAnchored(text);
        } catch {
          expect(() => new Matcher("=~", "a", text)).toThrow();
          return;
        }
        const matcher = new Matcher("=~", "a", text);
        for (const value of [chars.join(""), ...(matcher.alternatives ?? [])])
          expect(matcher.matches(value)).toBe(compiled.matches(value));
      },
    ),
    { numRuns: 2000 },
  );
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
