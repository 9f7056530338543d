import { Labels } from "@monotreme/model";
import { parseExpression, type QueryValue } from "@monotreme/promql";
import { describe, expect, test } from "vitest";
import { orderValue } from "./order-value.ts";

const VECTOR: QueryValue = {
  type: "vector",
  samples: ["b", "a", "c"].map((a) => ({ labels: Labels.fromObject({ a }), timestampMs: 0, value: 1 })),
};

describe("order value", () => {
  const f = (query: string, expected: string): void =>
    test(`order value - ${query}`, () => {
      const ordered = orderValue(VECTOR, parseExpression(query));
      expect(ordered.type === "vector" && ordered.samples.map(({ labels }) => labels.get("a")).join("")).toBe(expected);
    });
  f("up", "abc");
  f("sum by (a) (up)", "abc");
  f("sort(up)", "bac");
  f("sort_desc(up) > 0", "bac");
  f("-topk(3, up)", "bac");
  f("(bottomk(3, up))", "bac");
});
