import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quoteGo, unquoteGo } from "./go-quote.ts";

describe("go quoting - unquotes", () => {
  const f = (literal: string, expected: string | undefined) =>
    test(literal, () => {
      expect(unquoteGo(literal)).toBe(expected);
    });
  f('"a\\tb\\\\c\\"d"', 'a\tb\\c"d');
  f("'\\''", "'");
  f("`a\\n\n`", "a\\n\n");
  f('"\\101\\x42\\u0043\\U00000044"', "ABCD");
  f('"\\xe2\\x82\\xac"', "€");
  f('"\\xc5z"', "\ufffdz");
  f('"\\\'"', undefined);
  f('"\\q"', undefined);
  f('"\\x4"', undefined);
  f('"\\ud800"', undefined);
  f('"\\400"', undefined);
});

describe("go quoting - quotes", () => {
  const f = (text: string, expected: string) =>
    test(expected, () => {
      expect(quoteGo(text)).toBe(expected);
    });
  f('a"b\\c', '"a\\"b\\\\c"');
  f("\n\t\x00\x7f", '"\\n\\t\\x00\\x7f"');
  f("é😀 \u00a0\u2028", '"é😀 \\u00a0\\u2028"');
});

test("go quoting - what was quoted is unquoted again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(unquoteGo(quoteGo(text))).toBe(text);
    }),
  );
});
