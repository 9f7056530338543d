import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parsePrometheusConfig } from "@monotreme/prometheus-config";
import { parseRuleFile } from "@monotreme/rules";
import { describe, expect, test } from "vitest";
import { ROOT } from "./workspace.ts";

const FILE = "deploy/prometheus/rules/monotreme.yml";
const text = readFileSync(join(ROOT, FILE), "utf8");
const groups = parseRuleFile({ fileName: FILE, text }, { checkTemplate: () => undefined });
const rules = groups.flatMap((group) => group.rules);
const documented = new Set(
  [...readFileSync(join(ROOT, "docs/metrics.md"), "utf8").matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name]) => name),
);
/** What prom-client and scraping itself give. */
const STANDARD = new Set(["up", "process_resident_memory_bytes", "nodejs_eventloop_lag_p99_seconds"]);
const runbooks = readFileSync(join(ROOT, "docs/operations.md"), "utf8");

describe("rules that watch Monotreme itself", () => {
  test("every metric of every expression is one that the code has", () => {
    const names = rules.flatMap(({ expr }) => expr.match(/\b(?:up|[a-z]+_[a-z0-9_]+)\b(?=[{[) ]|$)/gm) ?? []);
    const metrics = names.filter((name) => /^(up|monotreme_|prometheus_|alertmanager_|process_|nodejs_)/.test(name));
    expect(new Set(metrics).size).toBeGreaterThan(20);
    expect(metrics.filter((name) => !documented.has(name) && !STANDARD.has(name))).toEqual([]);
  });

  test.each(rules.map((rule) => [rule.name, rule] as const))("%s has a severity and a runbook", (name, rule) => {
    if (rule.kind !== "alerting") throw new Error("only alerts are expected");
    expect(rule.labels["severity"]).toMatch(/^(critical|warning)$/);
    expect(rule.annotations["summary"]).not.toBe("");
    expect(rule.annotations["runbook"]).toBe(`docs/operations.md#${name.toLowerCase()}`);
    const runbook = runbooks.split(/^#+ /m).find((section) => section.startsWith(`${name}\n`));
    expect(runbook).toMatch(/^Do: .{20}/m);
  });

  test("every runbook belongs to an alert", () => {
    const titles = [...runbooks.matchAll(/^### (Monotreme\w+)$/gm)].map(([, title]) => title);
    expect(new Set(titles)).toEqual(new Set(rules.map(({ name }) => name)));
    expect(titles).toHaveLength(rules.length);
  });

  test("they are loaded by default, and the same in the cluster", () => {
    expect(readFileSync(join(ROOT, "k8s/base/config/rules/monotreme.yml"), "utf8")).toBe(text);
    const main = { fileName: "prometheus.yml", folder: ROOT, text: readFileSync(join(ROOT, "prometheus.yml"), "utf8") };
    expect(parsePrometheusConfig(main, { environment: {} }).ruleFiles).toEqual([join(ROOT, FILE)]);
  });
});
