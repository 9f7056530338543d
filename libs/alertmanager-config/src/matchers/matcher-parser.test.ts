import fc from "fast-check";
import { expect, test } from "vitest";
import { quoteGoString, unquoteGoString } from "./go-string.ts";
import { formatMatchers, LabelMatcher, MATCH_OPERATORS, matchesLabels, sortMatchers } from "./label-matcher.ts";
import { MatcherParseError } from "./matcher-parse-error.ts";
import { createMatcherParser, type MatcherMode } from "./matcher-parser.ts";

test("matchers - each mode reads what it should", () => {
  const f = (mode: MatcherMode, input: string, expected: string): void =>
    expect(formatMatchers(createMatcherParser(mode).parseMatchers(input)), `${mode} ${input}`).toBe(expected);
  for (const mode of ["utf8", "classic", "fallback"] as const) {
    f(mode, "{}", "{}");
    f(mode, "", "{}");
    f(mode, "a=b", '{a="b"}');
    f(mode, "  a != b ", '{a!="b"}');
    f(mode, '{a="b",}', '{a="b"}');
    f(mode, 'a="b", c=~"d.*",e!~f', '{a="b",c=~"d.*",e!~"f"}');
    f(mode, '{a="x,y}z"}', '{a="x,y}z"}');
    f(mode, 'a="\\"q\\" \\\\ \\n"', '{a="\\"q\\" \\\\ \\n"}');
    f(mode, "a=é", '{a="é"}');
  }
  f("utf8", '"label with space"="v"', '{"label with space"="v"}');
  f("utf8", "Σ=λ", '{Σ="λ"}');
  f("utf8", 'a="\\u00e9\\x41\\101\\U0001f600\\t"', '{a="éAA😀\t"}');
  f("utf8", "a=\u00a0b", '{a="b"}');
  f("classic", "a=", '{a=""}');
  f("classic", "a=b c", '{a="b c"}');
  f("classic", "a=\\d", '{a="\\\\d"}');
  f("classic", "a=x\\", '{a="x\\\\"}');
  f("classic", "{a=b", '{a="b"}');
  f("fallback", "a=~[a-z]+", '{a=~"[a-z]+"}');
  f("fallback", '"a b"=c', '{"a b"="c"}');
  f("fallback", "a=,b=c", '{a="",b="c"}');
});

test("matchers - each mode refuses what it should, and says why", () => {
  const f = (mode: MatcherMode, input: string, expected: string): void => {
    const parse = (): unknown => createMatcherParser(mode).parseMatchers(input);
    expect(parse, `${mode} ${input}`).toThrow(expected);
    expect(parse, `${mode} ${input}`).toThrow(MatcherParseError);
  };
  f("utf8", "{", "end of input: expected close brace");
  f("utf8", "}", "0:1: }: expected opening brace");
  f("utf8", "a=b}", "3:4: }: expected opening brace");
  f("utf8", "{a=b", "end of input: expected close brace");
  f("utf8", "{{a=b}}", "1:2: unexpected {: expected label name");
  f("utf8", ",a=b", "0:1: unexpected ,: expected label name");
  f("utf8", "a=b,,", "4:5: unexpected ,: expected label name");
  f("utf8", "a", "end of input: expected an operator");
  f("utf8", "a b", "2:3: unexpected b: expected an operator");
  f("utf8", "a=", "end of input: expected label value");
  f("utf8", "a=b c=d", "4:5: unexpected c: expected a comma or close brace");
  f("utf8", "{a=b}c", "5:6: c: expected end of input");
  f("utf8", "a!b", "expected one of '=~'");
  f("utf8", 'a="b', 'missing end "');
  f("utf8", 'a="\\xff"', "invalid input");
  f("utf8", 'a="\\q"', "invalid input");
  f("utf8", "a='b'", "invalid input");
  f("utf8", "a=~(", "missing closing )");
  f("classic", "a", "bad matcher format: a");
  f("classic", "1a=b", "bad matcher format: 1a=b");
  f("classic", "a=b,,c=d", "bad matcher format: ");
  f("classic", 'a="b', "unescaped double quote");
  f("classic", 'a=b"c', "unescaped double quote");
  f("classic", "a=~*", "missing argument to repetition operator");
  f("classic", 'a=~"(((x{1000}){1000}){1000})"', "bad regular expression");
  f("fallback", "a b", "bad matcher format: a b");
});

test("matchers - the fallback warns where the rules differ, and the classic ones win", () => {
  const f = (input: string, expected: string, warning: string | undefined): void => {
    const warnings: string[] = [];
    const matchers = createMatcherParser("fallback").parseMatchers(input, (text) => warnings.push(text));
    expect(formatMatchers(matchers), input).toBe(expected);
    expect(warnings, input).toEqual(warning === undefined ? [] : [expect.stringContaining(warning)]);
  };
  f('a="b"', '{a="b"}', undefined);
  f("{}", "{}", undefined);
  f("a=b c", '{a="b c"}', 'write a="b c" instead');
  f('a="\\t"', '{a="\\\\t"}', 'but a="\\\\t" by the classic');
  f('"a b"="c"', '{"a b"="c"}', undefined);
});

test("matchers - where one is wanted, lists and braces are refused", () => {
  const f = (mode: MatcherMode, input: string, expected: string): void => {
    const parser = createMatcherParser(mode);
    expect(() => parser.parseMatcher(input), `${mode} ${input}`).toThrow(expected);
  };
  f("fallback", "{a=b", "unexpected open or close brace: {a=b");
  f("fallback", "a=b}", "unexpected open or close brace: a=b}");
  f("utf8", "{a=b}", "unexpected open or close brace");
  f("utf8", "a=b,c=d", "expected 1 matcher, found 2");
  f("utf8", "", "no matchers");
  f("fallback", "", "bad matcher format");
  expect(createMatcherParser("fallback").parseMatcher('a=~"x"').toString()).toBe('a=~"x"');
  expect(createMatcherParser("classic").parseMatcher("a=b,c=d").toString()).toBe('a="b,c=d"');
});

test("matchers - names of labels depend on the mode", () => {
  expect(createMatcherParser("classic").isLabelName("a.b")).toBe(false);
  expect(createMatcherParser("fallback").isLabelName("a.b")).toBe(true);
  expect(createMatcherParser("utf8").isLabelName("")).toBe(false);
  expect(createMatcherParser("utf8").isLabelName("\ud800")).toBe(false);
});

test("matchers - match as upstream does", () => {
  const f = (input: string, labels: Record<string, string>, expected: boolean): void =>
    expect(matchesLabels(createMatcherParser("fallback").parseMatchers(input), labels), input).toBe(expected);
  f("{}", {}, true);
  f("a=b", { a: "b" }, true);
  f("a=b", {}, false);
  f('a=""', {}, true);
  f("a!=b", {}, true);
  f('a=~"x|"', {}, true);
  f('a=~"x|y"', { a: "xy" }, false);
  f('a!~"x.*"', { a: "ax" }, true);
  f('a=~"x.y"', { a: "x\ny" }, false);
  f('a=~"(?s)x.y"', { a: "x\ny" }, true);
  f('a=~"(?i)ABC"', { a: "abc" }, true);
  f('a=~"\\\\Ax\\\\pL"', { a: "xé" }, true);
  f('constructor=~".+"', {}, false);
  f('__proto__=""', {}, true);
});

test("matchers - sort by name, value and operator", () => {
  const sorted = sortMatchers(createMatcherParser("utf8").parseMatchers('b=x,a!=y,a=y,a=~x,"é"=z'));
  expect(formatMatchers(sorted)).toBe('{a=~"x",a="y",a!="y",b="x",é="z"}');
});

const anyText = fc.string({ unit: "binary" }).filter((text) => !/\p{Surrogate}/u.test(text));

test("matchers - what is printed reads back", () => {
  const matcher = fc
    .tuple(fc.constantFrom(...MATCH_OPERATORS), anyText, anyText)
    .filter(([operator, name]) => name !== "" && !operator.endsWith("~") && !operator.startsWith("!~"))
    .map(([operator, name, value]) => new LabelMatcher(operator, name, value));
  fc.assert(
    fc.property(fc.array(matcher, { minLength: 1, maxLength: 4 }), (matchers) => {
      const read = createMatcherParser("utf8").parseMatchers(formatMatchers(matchers));
      expect(read.map((each) => [each.operator, each.name, each.value])).toEqual(
        matchers.map((each) => [each.operator, each.name, each.value]),
      );
    }),
  );
});

test("matchers - any text gives matchers or a clean error, soon", () => {
  const pieces = fc.constantFrom(...Array.from("{}=!~,\\\"' \tabé.*("), '"a"', "a=b", '="x"', "\\x", "=~");
  const texts = fc.oneof(
    anyText,
    fc.array(pieces, { maxLength: 12 }).map((list) => list.join("")),
  );
  fc.assert(
    fc.property(texts, fc.constantFrom("utf8", "classic", "fallback"), (text, mode) => {
      const parser = createMatcherParser(mode);
      for (const parse of [
        (input: string) => parser.parseMatchers(input),
        (input: string) => parser.parseMatcher(input),
      ]) {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(MatcherParseError);
        }
      }
    }),
    { numRuns: 500 },
  );
  const start = performance.now();
  expect(() => createMatcherParser("fallback").parseMatchers(`a=${" ".repeat(200_000)}"`)).toThrow();
  expect(() => createMatcherParser("fallback").parseMatchers(`a="${"\\".repeat(200_001)}`)).toThrow();
  expect(performance.now() - start).toBeLessThan(2000);
});

test("go strings - what is quoted reads back, and controls are escaped", () => {
  expect(quoteGoString('a"\\\n\x07\x7f\u200bé😀')).toBe('"a\\"\\\\\\n\\a\\x7f\\u200bé😀"');
  fc.assert(
    fc.property(anyText, (text) => {
      expect(unquoteGoString(quoteGoString(text))).toBe(text);
      expect(() => unquoteGoString(`"${text}"`)).not.toThrow();
    }),
  );
});
