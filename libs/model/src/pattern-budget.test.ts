import { expect, test } from "vitest";
import { PatternBudget } from "./pattern-budget.ts";

const TOO_LARGE = "expressions too large together";

test("pattern budget - many patterns are refused together before they are compiled", () => {
  const budget = new PatternBudget();
  const matchers = (): void => {
    for (let i = 0; i < 3000; i++) budget.matcher("=~", "a", "x{1000}");
  };
  expect(matchers).toThrow(TOO_LARGE);
  expect(() => new PatternBudget().matcher("!~", "a", "host.*|".repeat(25_000))).toThrow(TOO_LARGE);
  expect(() => new PatternBudget().matcher("=~", "a", "\\pL".repeat(10_000))).toThrow(TOO_LARGE);
});

test("pattern budget - patterns that say nothing are bounded in number", () => {
  const budget = new PatternBudget();
  const matchers = (): void => {
    for (let i = 0; i < 20_000; i++) budget.matcher("=~", "a", "()()");
  };
  expect(matchers).toThrow(TOO_LARGE);
});

test("pattern budget - plain alternatives cost nothing, and thousands of patterns of a dashboard fit", () => {
  const budget = new PatternBudget();
  const names = Array.from({ length: 20_000 }, (_, i) => `host-${i}\\.example`);
  expect(budget.matcher("=~", "a", `(${names.join("|")})`).matches("host-7.example")).toBe(true);
  expect(budget.matcher("=~", "a", `(${names.slice(0, 3000).join("|")}):9100`).matches("host-7.example:9100")).toBe(
    true,
  );
  expect(budget.matcher("=", "a", "(".repeat(1_000_000)).matches("")).toBe(false);
});
