import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Expression } from "../ast.ts";
import { ParseError } from "./parse-error.ts";
import { MAX_QUERY_LENGTH, parseExpression } from "./parse-expression.ts";
import type { ParserOptions } from "./parser-options.ts";

const EVERYTHING: ParserOptions = {
  experimentalFunctions: true,
  extendedRangeSelectors: true,
  binopFillModifiers: true,
};

/** The tree as an S-expression, which shows how operators bind. */
function shape(expression: Expression): string {
  switch (expression.kind) {
    case "number":
      return String(expression.value);
    case "string":
      return JSON.stringify(expression.value);
    case "vector-selector":
      return expression.offset === undefined ? expression.name : `(offset ${expression.name})`;
    case "matrix-selector":
      return `(range ${shape(expression.selector)})`;
    case "subquery":
      return `(subquery ${shape(expression.expression)})`;
    case "aggregation":
      return `(${expression.operator} ${shape(expression.expression)})`;
    case "binary":
      return `(${shape(expression.left)} ${expression.operator} ${shape(expression.right)})`;
    case "unary":
      return `(${expression.operator} ${shape(expression.expression)})`;
    case "parenthesis":
      return `[${shape(expression.expression)}]`;
    case "call":
      return `(${expression.name} ${expression.arguments.map(shape).join(" ")})`;
  }
}

function messageFor(query: string, options?: ParserOptions): string {
  try {
    parseExpression(query, options);
  } catch (thrown) {
    if (thrown instanceof ParseError) return thrown.message;
    throw thrown;
  }
  return "parsed";
}

describe("expression parser - binding", () => {
  const f = (query: string, expected: string) =>
    test(query, () => {
      expect(shape(parseExpression(query, EVERYTHING))).toBe(expected);
    });
  f("1 + 2 * 3", "(1 + (2 * 3))");
  f("1 - 2 - 3", "((1 - 2) - 3)");
  f("2 ^ 3 ^ 2", "(2 ^ (3 ^ 2))");
  f("-1 ^ 2", "(- (1 ^ 2))");
  f("2 ^ -1", "(2 ^ -1)");
  f("-a * b", "((- a) * b)");
  f("-a ^ b", "(- (a ^ b))");
  f("1-1", "(1 - 1)");
  f("a or b and c", "(a or (b and c))");
  f("a and b unless c", "((a and b) unless c)");
  f("a + b atan2 c", "(a + (b atan2 c))");
  f("a > b + c", "(a > (b + c))");
  f("a >/ b </ c", "((a >/ b) </ c)");
  f("a + b offset 5m * c", "(a + ((offset b) * c))");
  f("a OR b", "(a or b)");
  f("-sum(a)", "(- (sum a))");
  f("rate(a[5m])", "(rate (range a))");
  f("max_over_time(rate(a[5m])[1h:])", "(max_over_time (subquery (rate (range a))))");
  f("min_of(1, 2)", "(min_of 1 2)");
  f("(a)", "[a]");
  f("a # comment\n+ b", "(a + b)");
  f("sum + rate", "(sum + rate)");
  f("other + fill(0) fill", "(other + fill)");
  f("count(count)", "(count count)");
});

describe("expression parser - literals", () => {
  const f = (query: string, expected: number) =>
    test(query, () => {
      expect(parseExpression(query)).toMatchObject({ kind: "number", value: expected });
    });
  f("1_000", 1000);
  f("0x1F", 31);
  f("0XfF", 255);
  f("0755", 493);
  f("1.", 1);
  f(".5", 0.5);
  f("1e3", 1000);
  f("1.5E-3", 0.0015);
  f("inF", Infinity);
  f("-Inf", -Infinity);
  f("nan", Number.NaN);
  f("5m", 300);
  f("1h30m5ms", 5400.005);
  f("-5m", -300);
  f("--1", 1);

  const s = (query: string, expected: string) =>
    test(query, () => {
      expect(parseExpression(query)).toMatchObject({ kind: "string", value: expected });
    });
  s('"a\\n\\x41\\u00e9\\101"', "a\nAéA");
  s("'it\\'s'", "it's");
  s("`raw \\n`", "raw \\n");
  s('"\\xc3\\xa9"', "é");
});

describe("expression parser - selectors", () => {
  test("expression parser - a quoted string in braces is the metric's name", () => {
    const expression = parseExpression('{"utf8.name", "lbl.x"!="v", y=~"a|b",}');
    expect(expression.kind === "vector-selector" && expression.matchers.map(String)).toEqual([
      '__name__="utf8.name"',
      'lbl.x!="v"',
      'y=~"a|b"',
    ]);
  });

  test("expression parser - keywords are label names and metric names", () => {
    expect(shape(parseExpression('unless{on="1", by="2"} + ignoring(offset) group_left(sum) offset'))).toBe(
      "(unless + offset)",
    );
  });

  test("expression parser - ranges take numbers of seconds and modifiers any order", () => {
    expect(parseExpression("a[300] offset -1m @ 1.5")).toMatchObject({
      kind: "matrix-selector",
      range: { kind: "duration", durationMs: 300_000 },
      selector: {
        at: { kind: "timestamp", timestampMs: 1500 },
        offset: { kind: "negate", operand: { durationMs: 60_000 } },
      },
    });
    expect(parseExpression("a @ end() offset 1m")).toMatchObject({
      at: { kind: "end" },
      offset: { durationMs: 60_000 },
    });
  });

  test("expression parser - duration expressions bind as arithmetic", () => {
    expect(parseExpression("a[1m + 2 * step()]")).toMatchObject({
      range: { operator: "+", right: { operator: "*", right: { kind: "step" } } },
    });
    expect(parseExpression("a offset 100 + 2")).toMatchObject({ kind: "binary", operator: "+" });
  });

  test("expression parser - set operators match many to many, scalars match nothing", () => {
    expect(parseExpression("a and on(x) b")).toMatchObject({ matching: { cardinality: "many-to-many", on: true } });
    expect(parseExpression("a + 1")).toMatchObject({ matching: undefined });
  });

  test("expression parser - aggregations take their clause on either side", () => {
    const expected = { operator: "topk", without: false, grouping: ["a", "b"], parameter: { value: 2 } };
    expect(parseExpression("topk by (a, b) (2, x)")).toMatchObject(expected);
    expect(parseExpression('TOPK(2, x) BY (a, "b",)')).toMatchObject(expected);
  });

  test("expression parser - positions say line and column in characters", () => {
    const expression = parseExpression('"😀" == \n  a'.replace('"😀" == ', "# 😀\nb +"));
    expect(expression).toMatchObject({
      position: { start: 5, line: 2, column: 1 },
      right: { position: { line: 3, column: 3 } },
    });
  });
});

describe("expression parser - refusals", () => {
  const f = (query: string, expected: string, options?: ParserOptions) =>
    test(query === "" ? "(empty)" : query, () => {
      expect(messageFor(query, options)).toBe(expected);
    });
  f("", "1:1: parse error: no expression found in input");
  f("# only", "1:1: parse error: no expression found in input");
  f("1 /", "1:4: parse error: unexpected end of input");
  f("*1", "1:1: parse error: unexpected <op:*>");
  f("bool", "1:1: parse error: unexpected <bool>");
  f("a b", '1:3: parse error: unexpected identifier "b"');
  f("(1))", "1:4: parse error: unexpected right parenthesis ')'");
  f("((1)", "1:5: parse error: unclosed left parenthesis");
  f("999e", '1:1: parse error: bad number or duration syntax: "999e"');
  f('"a', "1:1: parse error: unterminated quoted string");
  f("a{", "1:3: parse error: unexpected end of input inside braces");
  f("a{b}", '1:4: parse error: unexpected "}" in label matching, expected label matching operator');
  f("a{b=c}", '1:5: parse error: unexpected identifier "c" in label matching, expected string');
  f('a{b="c" d="e"}', '1:9: parse error: unexpected identifier "d" in label matching, expected "," or "}"');
  f('a{b=~"["}', "1:3: parse error: error parsing regexp: missing closing ]: `[)$`");
  f("sum by a (b)", '1:8: parse error: unexpected identifier "a" in grouping opts, expected "("');
  f("sum by (a:b) (c)", '1:9: parse error: unexpected identifier "a:b" in grouping opts, expected label');
  f("a[5m", "1:5: parse error: unclosed left bracket");
  f(
    "a[]",
    '1:3: parse error: unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
  );
  f("a[0s]", "1:3: parse error: duration must be greater than 0");
  f("a[5m:-1s]", "1:6: parse error: duration must be greater than 0");
  f("a offset", "1:9: parse error: unexpected end of input in offset, expected number, duration, step(), or range()");
  f("a offset 1m offset 1m", "1:1: parse error: offset may not be set multiple times");
  f("a @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times");
  f("a @ x", '1:5: parse error: unexpected identifier "x" in @, expected timestamp');
  f("a @ inf", "1:5: parse error: timestamp out of bounds for @ modifier: inf");
  f("a offset 1m [5m]", "1:1: parse error: no offset modifiers allowed before range");
  f("1[5m]", "1:1: parse error: ranges only allowed for vector selectors");
  f("(a)[5m]", "1:1: parse error: ranges only allowed for vector selectors");
  f("1[5m:]", "1:1: parse error: subquery is only allowed on instant vector, got scalar instead");
  f("unknown(a)", '1:1: parse error: unknown function with name "unknown"');
  f("rate(a)", '1:6: parse error: expected type range vector in call to function "rate", got instant vector');
  f("rate(a[1m], 2)", '1:1: parse error: expected 1 argument(s) in call to "rate", got 2');
  f("label_join(a)", '1:1: parse error: expected at least 3 argument(s) in call to "label_join", got 1');
  f("hour(a, b)", '1:1: parse error: expected at most 1 argument(s) in call to "hour", got 2');
  f("sum(a,)", "1:6: parse error: trailing commas not allowed in function call args");
  f("sum()", "1:1: parse error: no arguments for aggregate expression provided");
  f("topk(a)", "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1");
  f("topk(a, b)", "1:6: parse error: expected type scalar in aggregation parameter, got instant vector");
  f("count_values(1, a)", "1:14: parse error: expected type string in aggregation parameter, got scalar");
  f("sum(1)", "1:5: parse error: expected type instant vector in aggregation expression, got scalar");
  f("1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier");
  f("a + bool b", "1:3: parse error: bool modifier can only be used on comparison operators");
  f("1 and a", '1:1: parse error: set operator "and" not allowed in binary scalar expression');
  f("a and on(x) group_left b", '1:1: parse error: no grouping allowed for "and" operation');
  f("1 + on(x) a", "1:1: parse error: vector matching only allowed between instant vectors");
  f("a + on(x) group_left(x) b", '1:3: parse error: label "x" must not occur in ON and GROUP clause at once');
  f('a + "b"', "1:5: parse error: binary expression must contain only scalar and instant vector types");
  f(
    '-"a"',
    '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "string"',
  );
  f("{}", "1:1: parse error: vector selector must contain at least one non-empty matcher");
  f('{x=~".*"}', "1:1: parse error: vector selector must contain at least one non-empty matcher");
  f('a{__name__="b"}', '1:1: parse error: metric name must not be set twice: "a" or "b"');
  f('{"a", "b"}', '1:1: parse error: metric name must not be set twice: "a" or "b"');
  f("min_of(1, 2)", '1:1: parse error: function "min_of" is not enabled');
  f(
    "limitk(1, a)",
    "1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions",
  );
  f("a[1m] smoothed", "1:7: parse error: smoothed modifier is experimental and not enabled");
  f("a + fill(1) b", "1:5: parse error: binop fill modifiers are experimental and not enabled");
  f("a[1m + 1m]", "1:6: parse error: experimental duration expression is not enabled", { durationExpressions: false });
  f("info(a, b)", "1:9: parse error: expected label selectors only, got vector selector instead", EVERYTHING);
});

describe("expression parser - hostile input", () => {
  const f = (name: string, query: string) =>
    test(name, () => {
      expect(messageFor(query, EVERYTHING)).toMatch(/parse error: .*(?:deep|longer|nested|unclosed|more than)/);
    });
  f("deep parentheses", "(".repeat(100_000) + "1" + ")".repeat(100_000));
  f("open parentheses", "(".repeat(100));
  f("deep signs", `${"-".repeat(100_000)}a`);
  f("a long chain of operators", `a${" + a".repeat(5000)}`);
  f("a long chain of powers", `a${" ^ a".repeat(5000)}`);
  f("deep calls", `${"abs(".repeat(5000)}a${")".repeat(5000)}`);
  f("deep signs of durations", `a[${"-".repeat(5000)}1m]`);
  f("deep durations", `a[${"(".repeat(5000)}1m${")".repeat(5000)}]`);
  f("a long chain of durations", `a[1${" + 1".repeat(5000)}]`);
  f("a long chain of duration powers", `a[1${" ^ 1".repeat(5000)}]`);
  f("pluses of an offset", `a offset ${"+".repeat(50_000)}${"-".repeat(200)}1m`);
  f("a text beyond the limit", "a".repeat(MAX_QUERY_LENGTH + 1));

  test("expression parser - messages never show a long text whole", () => {
    for (const query of [
      `a ${"b".repeat(9000)}`,
      "9".repeat(9000) + "x",
      `${"f".repeat(9000)}(a)`,
      `a{b=~"${"(".repeat(9000)}"}`,
    ]) {
      expect(messageFor(query).length).toBeLessThan(700);
    }
  });

  test("expression parser - a chain of a thousand operands is fine", () => {
    expect(messageFor(`a${" or a".repeat(900)}`)).toBe("parsed");
  });

  test("expression parser - gives a tree or a ParseError for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (query) => {
        expect(messageFor(query, EVERYTHING)).toMatch(/^(?:parsed$|\d+:\d+: parse error: )/);
      }),
      { numRuns: 300 },
    );
  });

  test("expression parser - gives a tree or a ParseError for any sequence of tokens", () => {
    const words =
      'a sum rate by on ignoring group_left bool offset fill and atan2 5m 1 0x 1e nan inf "s" \' ` ( ) { } [ ] , : @ = == =~ + - * ^ </ # start() step() min_of smoothed'.split(
        " ",
      );
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 30 }), (tokens) => {
        expect(messageFor(tokens.join(" "), EVERYTHING)).toMatch(/^(?:parsed$|\d+:\d+: parse error: )/);
      }),
      { numRuns: 3000 },
    );
  });
});

test("parse - regular expressions that are too large together are refused at the one too many", () => {
  const matcher = 'a=~"x{1000}",';
  expect(() => parseExpression(`m{${matcher.repeat(3000)}}`)).toThrow(
    "1:835: parse error: error parsing regexp: expressions too large together",
  );
  const call = 'label_replace(vector(0), "a", "b", "c", "x{1000}") + ';
  expect(() => parseExpression(`${call.repeat(300)} 1`)).toThrow("expressions too large together");
  expect(() => parseExpression(`m{${'a=~"x|y",'.repeat(3000)}}`)).not.toThrow();
});
