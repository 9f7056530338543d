import { Labels } from "@monotreme/model";
import { parsePrometheusConfig, type ScrapeConfig } from "@monotreme/prometheus-config";
import { compileRelabelConfigs } from "@monotreme/relabel";
import { describe, expect, test } from "vitest";
import { targetFromLabels, type TargetOutcome } from "./target.ts";

function jobOf(fields: string): ScrapeConfig {
  const text = `scrape_configs:\n- job_name: j\n  ${fields.replaceAll("\n", "\n  ")}\n`;
  const [job] = parsePrometheusConfig({ fileName: "p", folder: "/", text }, { environment: {} }).scrapeConfigs;
  if (job === undefined) throw new Error("no job");
  return job;
}

function outcomeOf(labels: Record<string, string>, fields = ""): TargetOutcome {
  const job = jobOf(fields);
  return targetFromLabels(Labels.fromObject(labels), job, compileRelabelConfigs(job.relabelConfigs));
}

function targetOf(labels: Record<string, string>, fields = "") {
  const outcome = outcomeOf(labels, fields);
  if (outcome.kind !== "target") throw new Error(JSON.stringify(outcome));
  return outcome.target;
}

describe("target", () => {
  test("target - gets job and instance, and no label that starts with __", () => {
    const target = targetOf({ __address__: "h:1", __meta_x: "y", __tmp: "z", env: "e" });
    expect(target.labels.toObject()).toEqual({ job: "j", instance: "h:1", env: "e" });
    expect(target.url).toBe("http://h:1/metrics");
    expect(target.discoveredLabels.get("__meta_x")).toBe("y");
    expect([target.intervalMs, target.timeoutMs]).toEqual([60_000, 10_000]);
  });

  test("target - discovery may set job, instance, path, scheme and interval", () => {
    const target = targetOf({
      __address__: "h",
      job: "own",
      instance: "me",
      __metrics_path__: "probe",
      __scheme__: "https",
      __scrape_interval__: "5s",
      __scrape_timeout__: "1s",
    });
    expect(target.labels.toObject()).toEqual({ job: "own", instance: "me" });
    expect(target.url).toBe("https://h/probe");
    expect([target.intervalMs, target.timeoutMs]).toEqual([5000, 1000]);
  });

  test("target - __param_ labels replace the first value of a parameter", () => {
    const fields = `params: {module: [a, b], other: [x]}
relabel_configs:
- {source_labels: [__address__], target_label: __param_target}
- {target_label: __param_module, replacement: c}
- {target_label: __address__, replacement: 'prober:9115'}
- {source_labels: [__param_target], target_label: instance}`;
    const target = targetOf({ __address__: "site/x".replace("/x", "") }, fields);
    expect(target.url).toBe("http://prober:9115/metrics?module=c&module=b&other=x&target=site");
    expect(target.labels.get("instance")).toBe("site");
  });

  test("target - a dropped one keeps its discovered labels", () => {
    const outcome = outcomeOf(
      { __address__: "h" },
      "relabel_configs: [{source_labels: [job], regex: j, action: drop}]",
    );
    expect(outcome).toMatchObject({ kind: "dropped" });
  });

  const fails = (name: string, labels: Record<string, string>, message: RegExp) =>
    test(`target - error: ${name}`, () => {
      const outcome = outcomeOf(labels);
      expect(outcome.kind === "error" ? outcome.message : outcome.kind).toMatch(message);
    });
  fails("no address", { env: "x" }, /no address/);
  fails("a path in the address", { __address__: "h/x" }, /not a valid hostname/);
  fails("no duration", { __address__: "h", __scrape_interval__: "soon" }, /error parsing scrape interval/);
  fails("interval 0", { __address__: "h", __scrape_interval__: "0s" }, /interval cannot be 0/);
  fails("timeout 0", { __address__: "h", __scrape_timeout__: "0s" }, /timeout cannot be 0/);
  fails("timeout above interval", { __address__: "h", __scrape_interval__: "1s" }, /greater than scrape interval/);
  fails("a strange scheme", { __address__: "h", __scheme__: "ftp" }, /not a valid address/);

  test("target - same labels and address are one target however they were found", () => {
    expect(targetOf({ __address__: "h", __meta_a: "1" }).key).toBe(targetOf({ __address__: "h", __meta_a: "2" }).key);
    expect(targetOf({ __address__: "h" }).key).not.toBe(targetOf({ __address__: "h", __metrics_path__: "/x" }).key);
  });
});
