import { parseExpression } from "@monotreme/promql";
import { describe, expect, test } from "vitest";
import { expressionJson } from "./expression-json.ts";

const jsonOf = (query: string): unknown => JSON.parse(JSON.stringify(expressionJson(parseExpression(query))));

const SELECTOR = {
  name: "x",
  offset: 0,
  matchers: [{ name: "__name__", type: "=", value: "x" }],
  timestamp: null,
  startOrEnd: null,
  anchored: false,
  smoothed: false,
};

describe("expression JSON", () => {
  const f = (query: string, json: object): void =>
    test(`expression JSON - ${query}`, () => expect(jsonOf(query)).toEqual(json));

  f("x", { type: "vectorSelector", ...SELECTOR });
  f('{a=~"b.+"} offset -5m @ end()', {
    type: "vectorSelector",
    ...SELECTOR,
    name: "",
    matchers: [{ name: "a", type: "=~", value: "b.+" }],
    offset: -300_000,
    startOrEnd: "end",
  });
  f("rate(x[2m * 3] @ 10.5)", {
    type: "call",
    func: { name: "rate", argTypes: ["matrix"], variadic: 0, returnType: "vector" },
    args: [{ type: "matrixSelector", ...SELECTOR, range: 360_000, timestamp: 10_500 }],
  });
  f("x[1h:5m] offset 1m", {
    type: "subquery",
    expr: { type: "vectorSelector", ...SELECTOR },
    range: 3_600_000,
    offset: 60_000,
    step: 300_000,
    timestamp: null,
    startOrEnd: null,
  });
  f("topk without (a) (1e21, x)", {
    type: "aggregation",
    op: "topk",
    expr: { type: "vectorSelector", ...SELECTOR },
    param: { type: "numberLiteral", val: "1000000000000000000000" },
    grouping: ["a"],
    without: true,
  });
  f("sum(x)", {
    type: "aggregation",
    op: "sum",
    expr: { type: "vectorSelector", ...SELECTOR },
    param: null,
    grouping: [],
    without: false,
  });
  f("x > bool on (a) group_left (b) x", {
    type: "binaryExpr",
    op: ">",
    lhs: { type: "vectorSelector", ...SELECTOR },
    rhs: { type: "vectorSelector", ...SELECTOR },
    matching: {
      card: "many-to-one",
      labels: ["a"],
      on: true,
      include: ["b"],
      fillValues: { lhs: null, rhs: null },
    },
    bool: true,
  });
  f("-(1.5e-7)", {
    type: "unaryExpr",
    op: "-",
    expr: { type: "parenExpr", expr: { type: "numberLiteral", val: "0.00000015" } },
  });
  f("12.5 + Inf", {
    type: "binaryExpr",
    op: "+",
    lhs: { type: "numberLiteral", val: "12.5" },
    rhs: { type: "numberLiteral", val: "+Inf" },
    matching: null,
    bool: false,
  });
  f('"text"', { type: "stringLiteral", val: "text" });
});
