import { FakeClock } from "@monotreme/clock/testing";
import { createDiscoverer, discoveryMetrics } from "@monotreme/discovery";
import { parsePrometheusConfig, type ScrapeConfig } from "@monotreme/prometheus-config";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import { createScraperMetrics } from "../metrics.ts";
import { DiscoveryManager } from "./discovery-manager.ts";

function jobsOf(text: string): readonly ScrapeConfig[] {
  return parsePrometheusConfig({ fileName: "p", folder: "/", text }, { environment: {} }).scrapeConfigs;
}

function bench() {
  const clock = new FakeClock(0);
  const registry = new Registry();
  const found: string[] = [];
  const context = {
    clock,
    logger: createSilentLogger(),
    metrics: discoveryMetrics(registry),
    environment: {},
    userAgent: "test",
  };
  const manager = new DiscoveryManager({
    clock,
    metrics: createScraperMetrics(registry),
    createDiscoverer: (config) => createDiscoverer(config, context),
    onTargets: (job, groups) => {
      found.push(
        `${job}: ${groups.flatMap((group) => group.targets.map((target) => target["__address__"])).join(" ")}`,
      );
    },
  });
  return { clock, registry, manager, found };
}

describe("discovery manager", () => {
  test("discovery manager - passes static targets on at once, per job", async () => {
    const { clock, manager, found } = bench();
    await manager.applyConfig(
      jobsOf("scrape_configs:\n- job_name: a\n  static_configs: [{targets: [x]}, {targets: [y]}]\n- job_name: b\n"),
    );
    await clock.advance(0);
    expect(found).toEqual(["a: x y", "b: "]);
  });

  test("discovery manager - a reload passes changed targets on and forgets removed jobs", async () => {
    const { clock, manager, found } = bench();
    await manager.applyConfig(
      jobsOf("scrape_configs:\n- job_name: a\n  static_configs: [{targets: [x]}]\n- job_name: b\n"),
    );
    await clock.advance(0);
    await manager.applyConfig(jobsOf("scrape_configs:\n- job_name: a\n  static_configs: [{targets: [z]}]\n"));
    await clock.advance(0);
    expect(found).toEqual(["a: x", "b: ", "a: z"]);
  });

  test("discovery manager - counts kinds that are not supported, and the job's other targets are found", async () => {
    const { clock, registry, manager, found } = bench();
    await manager.applyConfig(
      jobsOf(
        "scrape_configs:\n- job_name: a\n  static_configs: [{targets: [x]}]\n  consul_sd_configs: [{server: s}]\n",
      ),
    );
    await clock.advance(0);
    expect(found).toEqual(["a: x"]);
    const text = await registry.metrics();
    expect(text).toContain('monotreme_scraper_unsupported_discovery_configs{mechanism="consul"} 1');
    expect(text).toContain('prometheus_sd_failed_configs{name="scrape"} 1');
    expect(text).toContain('prometheus_sd_discovered_targets{name="scrape",config="a"} 1');
  });
});
