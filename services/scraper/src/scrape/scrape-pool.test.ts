import { FakeClock } from "@monotreme/clock/testing";
import type { TargetGroup } from "@monotreme/discovery";
import { createSeriesHasher } from "@monotreme/model";
import { parsePrometheusConfig, type ScrapeConfig } from "@monotreme/prometheus-config";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import { createScraperMetrics } from "../metrics.ts";
import { BatchPublisher } from "./batch-publisher.ts";
import { RecordingSink } from "./recording-sink.ts";
import { BatchPool } from "./scrape-batch.ts";
import type { ScrapeClient, ScrapeRequest } from "./scrape-client.ts";
import { ScrapeError } from "./scrape-errors.ts";
import { ScrapePool } from "./scrape-pool.ts";

const hasher = await createSeriesHasher();
const START = 20_000.5 * 86_400_000;

/** Answers each URL with the body it has for it, after a delay. */
class FakeClient implements ScrapeClient {
  readonly bodies = new Map<string, string>();
  readonly requests: ScrapeRequest[] = [];
  readonly #clock: FakeClock;
  delayMs = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async scrape(request: ScrapeRequest) {
    this.requests.push(request);
    if (this.delayMs > 0) await new Promise<void>((resolve) => this.#clock.after(this.delayMs, resolve));
    const body = this.bodies.get(request.url);
    if (body === undefined) throw new ScrapeError("request", "connection refused");
    return { body: Buffer.from(body), format: "text" as const };
  }

  close(): void {}
}

function jobOf(fields = ""): ScrapeConfig {
  const text = `global: {scrape_interval: 10s}\nscrape_configs:\n- job_name: j\n  ${fields.replaceAll("\n", "\n  ")}\n`;
  const [job] = parsePrometheusConfig({ fileName: "p", folder: "/", text }, { environment: {} }).scrapeConfigs;
  if (job === undefined) throw new Error("no job");
  return job;
}

function groupOf(...addresses: string[]): TargetGroup[] {
  return [{ source: "0", targets: addresses.map((address) => ({ __address__: address })), labels: {} }];
}

function bench(fields = "") {
  const clock = new FakeClock(START);
  const sink = new RecordingSink();
  const client = new FakeClient(clock);
  const metrics = createScraperMetrics(new Registry());
  const batchPool = new BatchPool();
  const logger = createSilentLogger();
  const publisher = new BatchPublisher({ sink, tenant: "t", pool: batchPool, clock, metrics, logger });
  const partitionOf = (): number => 0;
  /** Addresses that another scraper scrapes. */
  const others = new Set<string>();
  const context = {
    tenant: "t",
    hasher,
    partitionOf,
    owns: (key: string) => ![...others].some((address) => key.includes(`http://${address}/`)),
    createClient: () => client,
    publisher,
    batchPool,
    clock,
    metrics,
    storeStarts: false,
    logger,
  };
  const pool = new ScrapePool(jobOf(fields), "seed", context);
  const up = (address: string) => sink.valuesOf(`up{instance="${address}", job="j"}`);
  return { clock, sink, client, pool, up, others };
}

describe("scrape pool", () => {
  test("scrape pool - scrapes every target once an interval, without drift", async () => {
    const { clock, sink, client, pool, up } = bench();
    client.bodies.set("http://a/metrics", "m 1\n");
    client.delayMs = 300;
    pool.sync(groupOf("a"));
    await clock.advance(50_000);
    expect(up("a")).toEqual([1, 1, 1, 1, 1]);
    const times = sink.samples.filter(({ series }) => series.startsWith("up")).map(({ timestampMs }) => timestampMs);
    expect(times.map((timeMs, i) => timeMs - (times[0] ?? 0) - i * 10_000)).toEqual([0, 0, 0, 0, 0]);
    expect(sink.valuesOf('scrape_duration_seconds{instance="a", job="j"}')[0]).toBeCloseTo(0.3);
  });

  test("scrape pool - a scrape that outlasts its interval leaves ticks out and never overlaps", async () => {
    const { clock, client, pool } = bench();
    client.bodies.set("http://a/metrics", "m 1\n");
    client.delayMs = 14_000;
    pool.sync(groupOf("a"));
    await clock.advance(60_000);
    expect(client.requests).toHaveLength(3);
  });

  test("scrape pool - a target that stays keeps its loop through a sync", async () => {
    const { clock, client, pool, up } = bench();
    client.bodies.set("http://a/metrics", "m 1\n");
    pool.sync(groupOf("a"));
    await clock.advance(15_000);
    const [loop] = pool.loops;
    pool.sync(groupOf("a", "b"));
    expect([...pool.loops]).toContain(loop);
    await clock.advance(20_000);
    expect(up("b").every((value) => value === 0)).toBe(true);
    expect(up("b").length).toBeGreaterThan(0);
  });

  test("scrape pool - a removed target's series are marked stale after the next two ticks", async () => {
    const { clock, sink, client, pool, up } = bench();
    client.bodies.set("http://a/metrics", "m 1\n");
    pool.sync(groupOf("a"));
    await clock.advance(15_000);
    pool.sync([]);
    await clock.advance(10_500);
    expect(up("a")).not.toContain("stale");
    await clock.advance(11_000);
    expect(up("a").at(-1)).toBe("stale");
    expect(sink.valuesOf('m{instance="a", job="j"}').at(-1)).toBe("stale");
    const marker = sink.samples.find(({ value }) => value === "stale");
    const last = sink.samples.findLast(({ value, series }) => value === 1 && series.startsWith("m"));
    expect((marker?.timestampMs ?? 0) - (last?.timestampMs ?? 0)).toBe(10_000);
    expect(pool.isIdle).toBe(true);
    expect(clock.timerCount).toBe(0);
  });

  test("scrape pool - a target that returns in time has no gap", async () => {
    const { clock, client, pool, up } = bench();
    client.bodies.set("http://a/metrics", "m 1\n");
    pool.sync(groupOf("a"));
    await clock.advance(15_000);
    pool.sync([]);
    await clock.advance(3000);
    pool.sync(groupOf("a"));
    await clock.advance(60_000);
    expect(up("a")).not.toContain("stale");
  });

  test("scrape pool - a removed job that comes back in time has no gap", async () => {
    const { clock, client, pool, up } = bench();
    client.bodies.set("http://a/metrics", "m 1\n");
    pool.sync(groupOf("a"));
    await clock.advance(15_000);
    pool.remove();
    expect(pool.isIdle).toBe(false);
    await pool.applyConfig(jobOf(), "seed");
    pool.sync(groupOf("a"));
    await clock.advance(60_000);
    expect(up("a")).not.toContain("stale");
  });

  test("scrape pool - new settings restart the loops without stale markers", async () => {
    const { clock, client, pool, up } = bench();
    client.bodies.set("http://a/metrics", "m 1\n");
    pool.sync(groupOf("a"));
    await clock.advance(15_000);
    const [loop] = pool.loops;
    await pool.applyConfig(jobOf("honor_labels: true"), "seed");
    expect([...pool.loops]).not.toContain(loop);
    await clock.advance(60_000);
    expect(up("a")).not.toContain("stale");
    expect(up("a").length).toBeGreaterThanOrEqual(7);
  });

  test("scrape pool - the same settings change nothing", async () => {
    const { pool } = bench();
    pool.sync(groupOf("a"));
    const [loop] = pool.loops;
    await pool.applyConfig(jobOf("static_configs: [{targets: [other]}]"), "seed");
    expect([...pool.loops]).toEqual([loop]);
    await pool.close();
  });

  test("scrape pool - above the target limit no target is asked and each says why", async () => {
    const { clock, client, pool, up } = bench("target_limit: 1");
    client.bodies.set("http://a/metrics", "m 1\n");
    pool.sync(groupOf("a", "b"));
    await clock.advance(10_000);
    expect(client.requests).toEqual([]);
    expect(up("a")).toEqual([0]);
    expect([...pool.loops][0]?.health.lastError).toBe("target_limit exceeded (number of targets: 2, limit: 1)");
    pool.sync(groupOf("a"));
    await clock.advance(10_000);
    expect(up("a")).toEqual([0, 1]);
  });

  test("scrape pool - keeps dropped targets up to the bound and counts them all", () => {
    const { pool } = bench(
      "keep_dropped_targets: 1\nrelabel_configs: [{action: drop, source_labels: [job], regex: j}]",
    );
    pool.sync(groupOf("a", "b", "c"));
    expect([pool.droppedTargets.length, pool.droppedCount, [...pool.loops].length]).toEqual([1, 3, 0]);
  });

  test("scrape pool - close ends the loops without stale markers", async () => {
    const { clock, client, pool, up } = bench();
    client.bodies.set("http://a/metrics", "m 1\n");
    pool.sync(groupOf("a"));
    await clock.advance(15_000);
    await pool.close();
    await clock.advance(60_000);
    expect(up("a")).not.toContain("stale");
    expect(clock.timerCount).toBe(0);
  });

  test("scrape pool - a target that goes to another scraper and comes back has no stale marker", async () => {
    const { clock, client, pool, up, others } = bench();
    for (const address of ["a", "b"]) client.bodies.set(`http://${address}/metrics`, "m 1\n");
    pool.sync(groupOf("a", "b"));
    await clock.advance(20_000);
    others.add("a");
    await pool.leaveOthers();
    // Discovery says again what it said.
    pool.sync(groupOf("a", "b"));
    await clock.advance(60_000);
    expect([up("a"), up("b").length]).toEqual([[1, 1], 8]);
    others.delete("a");
    pool.takeOwn();
    await clock.advance(20_000);
    expect([up("a"), up("b").length]).toEqual([[1, 1, 1, 1], 10]);
  });

  test("scrape pool - a target that vanishes while another scraper has it is not marked stale here", async () => {
    const { clock, client, pool, up, others } = bench();
    client.bodies.set("http://a/metrics", "m 1\n");
    pool.sync(groupOf("a"));
    await clock.advance(20_000);
    others.add("a");
    pool.sync(groupOf());
    await clock.advance(60_000);
    expect(up("a")).toEqual([1, 1]);
  });
});
