import { parseExpression } from "@monotreme/promql";
import { expect, test } from "vitest";
import { ruleDependencies } from "./rule-dependencies.ts";
import type { RuleConfig } from "./rule-group.ts";

function rule(text: string): RuleConfig {
  const [, kind, name = "", expr = ""] = /^(record|alert) (\S+) = (.*)$/.exec(text) ?? [];
  const base = { name, expr, expression: parseExpression(expr, { experimentalFunctions: true }), labels: {} };
  if (kind === "record") return { kind: "recording", ...base };
  return { kind: "alerting", ...base, forMs: 0, keepFiringForMs: 0, annotations: {} };
}

test("rule dependencies - a rule waits for those that it reads and those that read it", () => {
  const f = (texts: readonly string[], expected: readonly (readonly number[])[]): void =>
    expect(ruleDependencies(texts.map(rule)), texts.join("; ")).toEqual(expected);
  f(["record a = up", "record b = down"], [[], []]);
  f(["record a = up", "record b = sum(rate(a[5m]))", "record c = b / a"], [[], [0], [0, 1]]);
  f(["record b = a", "record a = up"], [[], [0]]);
  f(["record a = a + 1", "record b = up"], [[], []]);
  f(["record a = up", "record b = {job='x'}"], [[], [0]]);
  f(["record a = up", "record b = {__name__=~'a|z'}"], [[], [0]]);
  f(["record a = up", "record b = {__name__=~'z.*'}"], [[], []]);
  f(["alert A = up", "record b = ALERTS{alertname='A'}", "record c = ALERTS{alertname='B'}"], [[], [0], []]);
  f(["record target_info = x", "record b = info(up)"], [[], [0]]);
  f(["record a = up", "alert X = vector(1)"], [[], []]);
});
