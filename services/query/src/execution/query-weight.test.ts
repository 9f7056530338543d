import { parseExpression, type SelectRequest } from "@monotreme/promql";
import { describe, expect, test } from "vitest";
import { checkSmallWork, isLargeByShape } from "./query-weight.ts";

const HOUR_MS = 3_600_000;

describe("query weight", () => {
  const f = (query: string, expected: boolean): void =>
    test(`query weight - ${query.slice(0, 60)}`, () => {
      expect(isLargeByShape(parseExpression(query))).toBe(expected);
    });
  f("up", false);
  f("sum by (job) (rate(x[5m])) / sum(y)", false);
  f("max_over_time(rate(x[5m])[1h:1m])", true);
  f('label_replace(up, "a", "$1", "b", "(.*)")', true);
  f(Array.from({ length: 60 }, () => "up").join(" + "), true);

  test("query weight - windows that overlap much are no small work", () => {
    const range = { startMs: 0, endMs: HOUR_MS, stepMs: 1000 };
    const request = (windowMs: number, stepMs = 1000): SelectRequest => ({
      matchers: [],
      afterMs: -windowMs,
      untilMs: HOUR_MS,
      stepMs,
      functionName: "rate",
    });
    const read = { samples: 20_000, series: 1, bytes: 0 };
    expect(() => checkSmallWork(read, request(30_000), range)).not.toThrow();
    expect(() => checkSmallWork(read, request(HOUR_MS), range)).toThrow();
    expect(() => checkSmallWork(read, request(HOUR_MS, 0), range)).not.toThrow();
  });
});
