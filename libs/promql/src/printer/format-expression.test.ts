import { describe, expect, test } from "vitest";
import { parseExpression } from "../parser/parse-expression.ts";
import { formatExpression } from "./format-expression.ts";

const LONG = 'some_metric_with_a_long_name{label_one="value one",label_two="value two"}';
const OTHER = "some_other_metric_with_a_long_name";

describe("format expression", () => {
  const f = (name: string, query: string, formatted: string): void =>
    test(`format expression - ${name}`, () => {
      expect(formatExpression(parseExpression(query))).toBe(formatted);
      expect(formatExpression(parseExpression(formatted))).toBe(formatted);
    });
  f("what fits a line stays on one", "sum(rate(x[5m]))by(job)", "sum by (job) (rate(x[5m]))");
  f(
    "operators stand on a line of their own",
    `${LONG} / on(job) group_left() ${LONG}`,
    `  ${LONG}\n/ on (job) group_left ()\n  ${LONG}`,
  );
  f(
    "aggregations and calls enclose their arguments",
    `topk by(job)(3,label_replace(${LONG},"a","$1","label_one","(.*)"))`,
    `topk by (job) (\n  3,\n  label_replace(\n    ${LONG},\n    "a",\n    "$1",\n    "label_one",\n    "(.*)"\n  )\n)`,
  );
  f("parentheses and signs", `-(${LONG} + ${OTHER})`, `-(\n    ${LONG}\n  +\n    ${OTHER}\n)`);
  f(
    "subqueries keep their window at the end",
    `(${LONG} + ${OTHER})[1h:5m] offset 1d`,
    `(\n    ${LONG}\n  +\n    ${OTHER}\n)[1h:5m] offset 1d`,
  );

  test("format expression - deep and wide queries stay small", () => {
    const wide = `label_join(x, "a", "b"${', "c"'.repeat(20_000)})`;
    const query = `${"(".repeat(190)}${wide}${")".repeat(190)}`;
    expect(formatExpression(parseExpression(query)).length).toBeLessThan(4_000_000);
  });
});
