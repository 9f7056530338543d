import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseExpression } from "@monotreme/promql";
import { describe, expect, test } from "vitest";
import { readDashboard } from "./deploy/dashboards.ts";
import { ROOT } from "./workspace.ts";

const FOLDER = join(ROOT, "deploy/grafana/dashboards");
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
const dashboards = files.map((file) => [file, readDashboard(join(FOLDER, file))] as const);
const documented = new Set(
  [...readFileSync(join(ROOT, "docs/metrics.md"), "utf8").matchAll(/^\| `([a-z_]+)` \| (\w+)/gm)].flatMap(
    ([, name = "", type]) => (type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]),
  ),
);
const checkMetrics = readFileSync(join(ROOT, "services/heartbeat/src/exposition/check-metrics.ts"), "utf8");

/** Names of metrics in an expression that are ours to know: upstream's exporters have others. */
function ownMetrics(expression: string): string[] {
  return expression.match(/\b(?:monotreme|prometheus|alertmanager|hc)_[a-z_]+/g) ?? [];
}

describe.each(dashboards)("deploy/grafana/dashboards/%s", (file, dashboard) => {
  test("every query is PromQL", () => {
    expect(dashboard.queries.length).toBeGreaterThan(10);
    for (const { panel, expression } of dashboard.queries) {
      expect(() => parseExpression(expression), `${panel}: ${expression}`).not.toThrow();
    }
  });

  test("metrics of ours are those that the code has", () => {
    const unknown = dashboard.queries
      .flatMap(({ expression }) => ownMetrics(expression))
      .filter((name) => !documented.has(name) && !checkMetrics.includes(`"${name}"`));
    expect(unknown).toEqual([]);
  });

  test("panels have ids of their own, lie side by side and use the chosen data source", () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [i, { gridPos: a, title }] of panels.entries()) {
      expect(a.x + a.w, title).toBeLessThanOrEqual(24);
      for (const { gridPos: b, title: other } of panels.slice(i + 1)) {
        const isApart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(isApart, `${title} and ${other}`).toBe(true);
      }
    }
    expect(readFileSync(join(FOLDER, file), "utf8")).not.toMatch(/"uid": "(?!\$\{datasource\}|monotreme-)/);
  });
});

test("every dashboard has an address of its own and is given to Grafana's sidecar", () => {
  const uids = dashboards.map(([, { uid }]) => uid);
  expect(new Set(uids).size).toBe(uids.length);
  const kustomization = readFileSync(join(ROOT, "deploy/grafana/kustomization.yaml"), "utf8");
  for (const file of files) expect(kustomization).toContain(`- dashboards/${file}`);
});
