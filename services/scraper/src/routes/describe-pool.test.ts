import { Labels } from "@monotreme/model";
import { parsePrometheusConfig, type ScrapeConfig } from "@monotreme/prometheus-config";
import { expect, test } from "vitest";
import { relabelSteps } from "./describe-pool.ts";

function jobOf(yaml: string): ScrapeConfig {
  const text = `scrape_configs:\n- job_name: node\n  ${yaml.trim().replaceAll("\n", "\n  ")}\n`;
  const [job] = parsePrometheusConfig({ fileName: "p.yml", folder: "/", text }, { environment: {} }).scrapeConfigs;
  if (job === undefined) throw new Error("the file has no job");
  return job;
}

test("relabel steps - each rule with the labels after it, nothing after a drop", () => {
  const job = jobOf(`
relabel_configs:
- {source_labels: [__address__], regex: '([^:]+):.*', target_label: host}
- {action: labelmap, regex: __meta_(.+)}
- {source_labels: [zone, host], action: drop, regex: eu;b}
- {target_label: env, replacement: prod}
`);
  const eu = { __address__: "a:9100", __meta_zone: "eu" };
  const steps = relabelSteps(Labels.fromObject(eu), job);
  expect(steps.map(({ output, keep }) => [output, keep])).toEqual([
    [{ ...eu, host: "a" }, true],
    [{ ...eu, host: "a", zone: "eu" }, true],
    [{ ...eu, host: "a", zone: "eu" }, true],
    [{ ...eu, host: "a", zone: "eu", env: "prod" }, true],
  ]);
  expect(steps[0]?.rule).toEqual({
    sourceLabels: ["__address__"],
    separator: ";",
    regex: "([^:]+):.*",
    targetLabel: "host",
    replacement: "$1",
    action: "replace",
  });
  const dropped = relabelSteps(Labels.fromObject({ ...eu, __address__: "b:9100" }), job);
  expect(dropped.map(({ keep }) => keep)).toEqual([true, true, false, false]);
  expect(dropped[3]?.output).toEqual({});
});

test("scrape config - its YAML has what it inherited and no secrets", () => {
  const yaml = jobOf("basic_auth: {username: u, password: hidden}\nscrape_interval: 7s").renderConfig();
  expect(yaml).toContain("job_name: node\n");
  expect(yaml).toContain("scrape_interval: 7s\n");
  expect(yaml).toContain("password: <secret>\n");
  expect(yaml).not.toContain("hidden");
});
