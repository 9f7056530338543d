import { FakeClock } from "@monotreme/clock/testing";
import { createDiscoverer, createStaticDiscovery, discoveryMetrics } from "@monotreme/discovery";
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
    updateIntervalMs: 5000,
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

  describe("discoverers that say something when they like", () => {
    const sd = (url: string) => `  http_sd_configs: [{url: 'http://${url}'}]\n`;
    const job = (name: string, ...parts: string[]) => `- job_name: ${name}\n${parts.join("")}`;
    const fixed = "  static_configs: [{targets: [s]}]\n";

    async function scripted() {
      const clock = new FakeClock(0);
      const found: string[] = [];
      const started = new Map<string, (...addresses: string[]) => void>();
      const closed: string[] = [];
      const manager = new DiscoveryManager({
        updateIntervalMs: 5000,
        clock,
        metrics: createScraperMetrics(new Registry()),
        createDiscoverer: (config) => {
          if (config.kind !== "http")
            return config.kind === "static" ? createStaticDiscovery(config.groups) : undefined;
          return {
            start: (onGroups) => {
              const say = (...addresses: string[]): void =>
                onGroups([{ source: "0", labels: {}, targets: addresses.map((each) => ({ __address__: each })) }]);
              started.set(config.url, say);
            },
            close: async () => void closed.push(config.url),
          };
        },
        onTargets: (name, groups) => {
          const addresses = groups.flatMap(({ targets }) => targets.map((target) => target["__address__"]));
          found.push(`${clock.now()} ${name}: ${addresses.join(" ")}`);
        },
      });
      const apply = async (...jobs: string[]): Promise<void> => {
        await manager.applyConfig(jobsOf(`scrape_configs:\n${jobs.join("")}`));
        await clock.advance(0);
      };
      const say = (url: string, ...addresses: string[]): void => started.get(`http://${url}`)?.(...addresses);
      return { clock, found, started, closed, manager, apply, say };
    }

    test("discovery manager - one that is silent holds up the job's other targets for five seconds only", async () => {
      const { clock, found, apply, say } = await scripted();
      await apply(job("a", fixed, sd("x")));
      await clock.advance(4999);
      expect(found).toEqual([]);
      await clock.advance(1);
      expect(found).toEqual(["5000 a: s"]);
      say("x", "t");
      await clock.advance(5000);
      expect(found.at(-1)).toBe("5000 a: s t");
    });

    test("discovery manager - after a reload the old targets stay until the new discoverer knows better", async () => {
      const { clock, found, closed, apply, say } = await scripted();
      await apply(job("a", fixed, sd("x")));
      say("x", "old");
      await clock.advance(0);
      await apply(job("a", fixed, sd("y")));
      await clock.advance(60_000);
      expect(found).toEqual(["0 a: s old", "0 a: s old"]);
      expect(closed).toEqual(["http://x"]);
      say("y");
      await clock.advance(5000);
      expect(found.at(-1)).toBe("60000 a: s");
    });

    test("discovery manager - jobs that ask for the same share a discoverer until none is left", async () => {
      const { clock, found, started, closed, apply, say } = await scripted();
      await apply(job("a", sd("x")), job("b", sd("x")));
      expect(started.size).toBe(1);
      say("x", "t");
      await clock.advance(0);
      expect(found).toEqual(["0 a: t", "0 b: t"]);
      await apply(job("b", sd("x")));
      expect(closed).toEqual([]);
      await apply(job("b", fixed));
      expect(closed).toEqual(["http://x"]);
    });
  });
});
