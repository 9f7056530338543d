import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ClickHouse } from "@monotreme/clickhouse";
import { type ParsedFlags, parseFlags } from "@monotreme/config";
import { TARGETS_SUBJECT, type TargetsPart } from "@monotreme/contracts";
import { connectBus } from "@monotreme/bus";
import { ServiceScope } from "@monotreme/lifecycle";
import { createSeriesHasher, Labels, wordsOf } from "@monotreme/model";
import { QUERY_FLAGS, startQuery } from "@monotreme/query";
import { createSampleStore, dayOf, migrateStorage } from "@monotreme/storage";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { eventually, startClickHouse, startNats, type TestServer } from "@monotreme/testkit";
import { findFreePort } from "@monotreme/standalone";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const run = promisify(execFile);
const DATABASE = "monotreme";
/** A whole minute, some hours ago. */
const END_MS = Math.floor(Date.now() / 60_000) * 60_000 - 3 * 3_600_000;
const END = END_MS / 1000;

let clickhouse: TestServer;
let nats: TestServer;
let scope: ServiceScope;
let base: string;

beforeAll(async () => {
  [clickhouse, nats] = await Promise.all([startClickHouse(), startNats()]);
  const client = new ClickHouse({ url: clickhouse.url, database: DATABASE });
  await migrateStorage(client, { logger: createSilentLogger() });
  await insert(client, "anonymous", [
    ...["a", "b", "c"].map((instance, i) => ({
      labels: { __name__: "up", job: "node", instance },
      points: points((n) => (n === 120 && i === 2 ? 0 : 1)),
    })),
    ...["0.5", "1", "+Inf"].map((le, i) => ({
      labels: { __name__: "latency_bucket", job: "api", le },
      points: points((n) => n * (i + 1)),
    })),
    { labels: { __name__: "requests_total", job: "api", path: '/"q"\\\n🦆' }, points: points((n) => n * 15) },
    { labels: { __name__: "http.server.requests", "service.name": "shop" }, points: points((n) => n) },
  ]);
  await insert(client, "team-b", [{ labels: { __name__: "up", job: "secret" }, points: points(() => 7) }]);
  await createSampleStore(client).insertMetadata(
    [{ tenant: "anonymous", metric: "up", type: "gauge", help: "Whether it answers.", unit: "" }],
    { deduplicationToken: "metadata" },
  );
  await client.close();
  ({ scope, base } = await start());
});

afterAll(async () => {
  await scope.close(AbortSignal.timeout(5000));
  await Promise.all([clickhouse.stop(), nats.stop()]);
});

/** 121 samples, one every 15 s, the last at END. */
function points(valueAt: (n: number) => number): [number, number][] {
  return Array.from({ length: 121 }, (_, n) => [END_MS - (120 - n) * 15_000, valueAt(n)]);
}

interface TestSeries {
  readonly labels: Record<string, string>;
  readonly points: readonly (readonly [number, number])[];
}

async function insert(client: ClickHouse, tenant: string, all: readonly TestSeries[]): Promise<void> {
  const hasher = await createSeriesHasher();
  const store = createSampleStore(client);
  for (const series of all) {
    const labels = Labels.fromObject(series.labels);
    const ids = BigUint64Array.of(hasher.metricId(tenant, labels.metricName), hasher.seriesId(tenant, labels));
    const words = new Uint32Array(ids.buffer);
    const [metricIdLow = 0, metricIdHigh = 0, seriesIdLow = 0, seriesIdHigh = 0] = words;
    const { length } = series.points;
    const fill = (id: number): Uint32Array => new Uint32Array(new BigUint64Array(length).fill(ids[id] ?? 0n).buffer);
    const days = new Set(series.points.map(([timestampMs]) => dayOf(timestampMs)));
    const token = `${tenant}/${labels.key}`;
    await store.insertSeries(
      [...days].map((day) => ({ tenant, metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, day, labels })),
      { deduplicationToken: token },
    );
    const timestamps = BigInt64Array.from(series.points, ([timestampMs]) => BigInt(timestampMs));
    await store.insertSamples(
      {
        rowCount: length,
        metricIds: [fill(0)],
        seriesIds: [fill(1)],
        timestamps: [new Uint32Array(timestamps.buffer)],
        values: [wordsOf(Float64Array.from(series.points, ([, value]) => value))],
      },
      { deduplicationToken: token },
    );
  }
}

async function start() {
  const port = await findFreePort();
  const argv = [
    `--web.listen-address=127.0.0.1:${port}`,
    `--clickhouse.url=${clickhouse.url}`,
    `--clickhouse.database=${DATABASE}`,
    `--nats.url=${nats.url}`,
  ];
  const flags: ParsedFlags<typeof QUERY_FLAGS> = parseFlags(QUERY_FLAGS, { argv, environment: {} });
  const telemetry = { registry: new Registry(), logger: createSilentLogger() };
  const started = new ServiceScope(telemetry, () => undefined);
  await startQuery(flags, started);
  return { scope: started, base: `http://127.0.0.1:${port}` };
}

interface Answer {
  readonly status: string;
  // The tests look into it with matchers only.
  readonly data: unknown;
  readonly errorType?: string;
  readonly error?: string;
}

async function ask(path: string, parameters: Record<string, string> = {}, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${base}${path}?${new URLSearchParams(parameters).toString()}`, init);
  return (await response.json()) as Answer;
}

async function valueOf(query: string, time = END): Promise<unknown> {
  const { data } = await ask("/api/v1/query", { query, time: String(time) });
  return data;
}

/** Waits until the assertions hold. */
async function becomesTrue(assertions: () => Promise<void>): Promise<void> {
  await eventually(async () => {
    await assertions();
    return true;
  });
}

/** The value of one series of the service's own metrics. */
async function metric(series: string): Promise<number | undefined> {
  const text = await (await fetch(`${base}/metrics`)).text();
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
}

describe("query service - reading", () => {
  const f = (query: string, result: unknown[]): void =>
    test(`query service - ${query}`, async () => {
      expect(await valueOf(query)).toEqual({ resultType: "vector", result });
    });
  f("sum(up)", [{ metric: {}, value: [END, "2"] }]);
  f("sum by (job) (count_over_time(up[30m]))", [{ metric: { job: "node" }, value: [END, "360"] }]);
  f("round(rate(requests_total[5m]), 0.001)", [{ metric: { job: "api", path: '/"q"\\\n🦆' }, value: [END, "1"] }]);
  f('requests_total{path=~"/.q.+"} == 1800', [
    { metric: { __name__: "requests_total", job: "api", path: '/"q"\\\n🦆' }, value: [END, "1800"] },
  ]);
  f('{"http.server.requests", "service.name"="shop"}', [
    { metric: { __name__: "http.server.requests", "service.name": "shop" }, value: [END, "120"] },
  ]);
  f("histogram_quantile(0.5, latency_bucket)", [{ metric: { job: "api" }, value: [END, "0.75"] }]);
  f('up{instance!~"a|b"}', [{ metric: { __name__: "up", instance: "c", job: "node" }, value: [END, "0"] }]);
  f("absent(nothing)", [{ metric: {}, value: [END, "1"] }]);

  test("query service - a range query over GET and POST says the same", async () => {
    const parameters = { query: "sum(up)", start: String(END - 30), end: String(END), step: "15" };
    const values = [
      [END - 30, "3"],
      [END - 15, "3"],
      [END, "2"],
    ];
    const answer = { status: "success", data: { resultType: "matrix", result: [{ metric: {}, values }] } };
    expect(await ask("/api/v1/query_range", parameters)).toEqual(answer);
    const form = { method: "POST", body: new URLSearchParams(parameters) };
    expect(await ask("/api/v1/query_range", {}, form)).toEqual(answer);
  });

  test("query service - tenants see only what is theirs", async () => {
    const headers = { "X-Scope-OrgID": "team-b" };
    const theirs = await ask("/api/v1/query", { query: "up", time: String(END) }, { headers });
    expect(theirs.data).toMatchObject({ result: [{ metric: { job: "secret" }, value: [END, "7"] }] });
    expect((await ask("/api/v1/label/job/values", {}, { headers })).data).toEqual(["secret"]);
    expect((await ask("/api/v1/label/job/values")).data).toEqual(["api", "node"]);
  });

  test("query service - series, labels, values and metadata", async () => {
    expect((await ask("/api/v1/series", { "match[]": 'up{instance="a"}' })).data).toEqual([
      { __name__: "up", instance: "a", job: "node" },
    ]);
    expect((await ask("/api/v1/labels", { "match[]": "latency_bucket" })).data).toEqual(["__name__", "job", "le"]);
    expect((await ask("/api/v1/label/U__service_2e_name/values")).data).toEqual(["shop"]);
    expect((await ask("/api/v1/label/instance/values", { limit: "2" })).data).toEqual(["a", "b"]);
    expect((await ask("/api/v1/labels", { start: "0", end: "1000" })).data).toEqual([]);
    expect((await ask("/api/v1/metadata", { metric: "up" })).data).toEqual({
      up: [{ type: "gauge", help: "Whether it answers.", unit: "" }],
    });
  });

  test("query service - health, readiness and its own metrics", async () => {
    expect((await fetch(`${base}/-/ready`)).status).toBe(200);
    await valueOf("up");
    expect(await metric('prometheus_engine_query_duration_seconds_count{slice="inner_eval"}')).toBeGreaterThan(0);
    expect(await metric('monotreme_query_queries_total{kind="instant",outcome="success"}')).toBeGreaterThan(0);
  });
});

describe("query service - targets", () => {
  test("query service - joins what the scrapers answer, and says when none does", async () => {
    const alone = { activeTargets: [], droppedTargets: [], droppedTargetCounts: {} };
    expect(await ask("/api/v1/targets")).toEqual({ status: "success", data: alone, warnings: ["no scraper answered"] });
    const telemetry = { registry: new Registry(), logger: createSilentLogger() };
    const bus = await connectBus({ url: nats.url, name: "test", ...telemetry });
    const answer = (part: Partial<TargetsPart>): string =>
      JSON.stringify({ isLast: true, activeTargets: [], droppedTargets: [], droppedTargetCounts: {}, ...part });
    for (const replica of ["one", "two"]) {
      bus.connection.subscribe(TARGETS_SUBJECT, {
        callback: (_error, message) => {
          message.respond(answer({ replica, isLast: false, activeTargets: [target(replica)] }));
          if (replica === "one") message.respond(answer({ replica, droppedTargetCounts: { node: 2 } }));
        },
      });
    }
    await bus.connection.flush();
    expect(await ask("/api/v1/targets", { state: "active" })).toEqual({
      status: "success",
      data: { activeTargets: [target("one"), target("two")], droppedTargets: [], droppedTargetCounts: { node: 2 } },
      warnings: ["the answer of scraper two is incomplete"],
    });
    expect((await ask("/api/v1/scrape_pools")).data).toEqual({ scrapePools: ["node"] });
    await bus.close();
  });
});

function target(name: string) {
  return {
    discoveredLabels: { __address__: name },
    labels: { instance: name, job: "node" },
    scrapePool: "node",
    scrapeUrl: `http://${name}/metrics`,
    globalUrl: `http://${name}/metrics`,
    lastError: "",
    lastScrape: "2025-01-01T00:00:00.000Z",
    lastScrapeDuration: 0.5,
    health: "up",
    scrapeInterval: "15s",
    scrapeTimeout: "10s",
  } as const;
}

describe("query service - promtool as a client", async () => {
  const hasPromtool = await run("promtool", ["--version"]).then(
    () => true,
    () => false,
  );
  const promtool = async (...args: string[]): Promise<string> => (await run("promtool", args)).stdout;

  test.runIf(hasPromtool)("query service - promtool query instant, range, series and labels", async () => {
    expect(await promtool("query", "instant", `--time=${END}`, base, "sum(up)")).toBe(`{} => 2 @[${END}]\n`);
    const range = [`--start=${END - 15}`, `--end=${END}`, "--step=15s"];
    expect(await promtool("query", "range", ...range, base, "sum(up)")).toBe(`{} =>\n3 @[${END - 15}]\n2 @[${END}]\n`);
    const match = ["--match=up", `--start=${END - 3600}`, `--end=${END}`];
    expect((await promtool("query", "series", ...match, base)).trim().split("\n")).toEqual(
      ["a", "b", "c"].map((instance) => `{__name__="up", instance="${instance}", job="node"}`),
    );
    const times = [`--start=${END - 3600}`, `--end=${END}`];
    expect(await promtool("query", "labels", ...times, base, "job")).toBe("api\nnode\n");
    await expect(promtool("query", "instant", base, "sum(")).rejects.toThrow(/parse error/);
  });
});

describe("query service - limits and faults", () => {
  test("query service - a client that goes away stops its query", async () => {
    const { pid = 0 } = clickhouse;
    expect(pid).toBeGreaterThan(0);
    process.kill(pid, "SIGSTOP");
    try {
      const client = new AbortController();
      const asked = fetch(`${base}/api/v1/query?query=up`, { signal: client.signal }).catch(() => undefined);
      await becomesTrue(async () => expect(await metric("prometheus_engine_queries")).toBe(1));
      client.abort();
      await asked;
      await becomesTrue(async () => expect(await metric("prometheus_engine_queries")).toBe(0));
      expect(await metric('monotreme_query_queries_total{kind="instant",outcome="canceled"}')).toBe(1);
      const timedOut = await ask("/api/v1/query", { query: "up", timeout: "50ms" });
      expect(timedOut).toMatchObject({ errorType: "timeout", error: "query timed out in expression evaluation" });
    } finally {
      process.kill(pid, "SIGCONT");
    }
  });

  test("query service - says that ClickHouse is away, and recovers by itself", async () => {
    await clickhouse.kill();
    for (const path of ["/api/v1/query", "/api/v1/labels"]) {
      const response = await fetch(`${base}${path}?query=up`);
      const answer = (await response.json()) as Answer;
      expect([response.status, response.headers.get("retry-after"), answer.errorType]).toEqual([
        503,
        "1",
        "unavailable",
      ]);
      expect(answer.error).toMatch(/^ClickHouse at http:\/\/127\.0\.0\.1:\d+ is not available/);
      expect(answer.error).not.toContain("@");
    }
    await clickhouse.restart();
    await becomesTrue(async () => expect(await valueOf("sum(up)")).toMatchObject({ result: [{ value: [END, "2"] }] }));
  });

  test("query service - says that NATS is away, and recovers by itself", async () => {
    await nats.kill();
    await becomesTrue(async () => {
      expect(await ask("/api/v1/targets")).toMatchObject({
        status: "error",
        errorType: "unavailable",
        error: expect.stringMatching(/^NATS is not available/),
      });
    });
    expect(await valueOf("sum(up)")).toMatchObject({ result: [{ value: [END, "2"] }] });
    await nats.restart();
    await becomesTrue(async () => expect(await ask("/api/v1/targets")).toMatchObject({ status: "success" }));
  });
});
