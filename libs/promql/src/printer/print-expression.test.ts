import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseExpression } from "../parser/parse-expression.ts";
import type { ParserOptions } from "../parser/parser-options.ts";
import { printExpression } from "./print-expression.ts";

const EVERYTHING: ParserOptions = {
  experimentalFunctions: true,
  extendedRangeSelectors: true,
  binopFillModifiers: true,
};

/** A tree without positions, to compare what was read from different texts. */
function withoutPositions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPositions);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== "position" && key !== "operatorPosition");
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutPositions(inner)]));
}

describe("expression printer - canonical form", () => {
  const f = (query: string, expected: string) =>
    test(query, () => {
      expect(printExpression(parseExpression(query, EVERYTHING))).toBe(expected);
    });
  f("sum by(a,b)(x)", "sum by (a, b) (x)");
  f("sum(x)by()", "sum(x)");
  f("SUM without() (x)", "sum without () (x)");
  f('topk(5,x{a="b",c=~"d"})', 'topk(5, x{a="b",c=~"d"})');
  f("a+on(b)group_left c", "a + on (b) group_left () c");
  f("a*ignoring(x)fill_left(1)b", "a * ignoring (x) fill_left (1) b");
  f("a + fill(-1) b", "a + fill (-1) b");
  f("a==bool 1", "a == bool 1");
  f("a[300]offset-1h @1", "a[5m] @ 1.000 offset -1h");
  f("a[1m] anchored @ end()", "a[1m] anchored @ end()");
  f("rate(a[1m])[1h:]", "rate(a[1m])[1h:]");
  f("a[1h:step()*2]offset(1m+1s)", "a[1h:step() * 2s] offset (1m + 1s)");
  f('{"utf8.name","l.x"="v"}', '{__name__="utf8.name","l.x"="v"}');
  f("'a\"\\n'", '"a\\"\\n"');
  f("-(1)^-x", "-(1) ^ -x");
  f("0.00001", "1e-05");
  f("-1h30m", "-1h30m");
  f("a{}", "a");
  f("0x10", "16");
});

const LEAVES = ["1", "1.5e-7", "-Inf", "5m", "a", 'a{b!="c"}', "a offset -5m", "a @ 5 offset 1h", '{"x.y",z=~"q|r"}'];

/** Queries that are well-typed vectors, built from the inside out. */
const queries = fc.letrec<{ query: string; vector: string }>((tie) => ({
  query: fc.oneof({ depthSize: "small" }, fc.constantFrom(...LEAVES), tie("vector")),
  vector: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(...LEAVES.slice(4)),
    fc.constantFrom("a[5m]", "x[1h] smoothed", "x[step()+1m*2]").map((range) => `last_over_time(${range})`),
    fc
      .tuple(
        tie("vector"),
        fc.constantFrom("[1h:]", "[1h:-(-1m)]", "[1h:5m] @ end()", "[min_of(1h,range()):1m] offset 5m"),
      )
      .map(([inner, range]) => `max_over_time(abs(${inner})${range})`),
    fc
      .tuple(
        tie("vector"),
        fc.constantFrom("+", "-", "*", "/", "%", "^", "atan2", "==", "> bool", "and", "or", "unless", "+ on(x)", "</"),
        tie("vector"),
      )
      .map((parts) => parts.join(" ")),
    fc
      .tuple(
        tie("vector"),
        fc.constantFrom("* on(x) group_left(y)", "- ignoring() group_right()", "/ fill_left(1) fill_right(2)"),
        tie("vector"),
      )
      .map((parts) => parts.join(" ")),
    tie("vector").map((inner) => `-${inner}`),
    tie("vector").map((inner) => `(${inner})`),
    tie("query").map((inner) => `vector(scalar(vector(1)) + scalar((${inner}) * vector(1)))`),
    tie("vector").map((inner) => `topk by (a, "b.c") (3, ${inner})`),
    tie("vector").map((inner) => `count_values without (a) ("l\\n", ${inner})`),
  ),
}));

test("expression printer - parsing what was printed gives the same tree", () => {
  fc.assert(
    fc.property(queries.query, (query) => {
      const expression = parseExpression(query, EVERYTHING);
      const printed = printExpression(expression);
      expect(withoutPositions(parseExpression(printed, EVERYTHING))).toEqual(withoutPositions(expression));
    }),
    { numRuns: 500 },
  );
});
