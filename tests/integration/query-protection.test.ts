import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ClickHouse } from "@monotreme/clickhouse";
import { type ParsedFlags, parseFlags } from "@monotreme/config";
import { ServiceScope } from "@monotreme/lifecycle";
import { createSeriesHasher, Labels, wordsOf } from "@monotreme/model";
import { QUERY_FLAGS, startQuery } from "@monotreme/query";
import { findFreePort } from "@monotreme/standalone";
import { createSampleStore, dayOf, migrateStorage, type SeriesRow } from "@monotreme/storage";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import {
  createTemporaryFolder,
  eventually,
  startClickHouse,
  startNats,
  type TemporaryFolder,
  type TestServer,
} from "@monotreme/testkit";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

const TENANT = "anonymous";
const DATABASE = "monotreme";
/** A whole minute, some hours ago. */
const END_MS = Math.floor(Date.now() / 60_000) * 60_000 - 3 * 3_600_000;
const END = END_MS / 1000;
const SERIES = 2000;
const SAMPLES = 200;

let clickhouse: TestServer;
let nats: TestServer;
let folder: TemporaryFolder;
let running: Running;

beforeAll(async () => {
  [clickhouse, nats, folder] = await Promise.all([startClickHouse(), startNats(), createTemporaryFolder("query-log")]);
  const client = new ClickHouse({ url: clickhouse.url, database: DATABASE });
  await migrateStorage(client, { logger: createSilentLogger() });
  await insert(client, "up", 3);
  await insert(client, "requests_total", SERIES);
  await client.close();
  await writeFile(configFile(), `global:\n  query_log_file: ${logFile()}\n`);
  running = await start(["--web.enable-admin-api", "--query.timeout=20s", `--config.file=${configFile()}`]);
});

afterAll(async () => {
  await running.scope.close(AbortSignal.timeout(5000));
  await Promise.all([clickhouse.stop(), nats.stop()]);
  await folder.remove();
});

function configFile(): string {
  return join(folder.path, "prometheus.yml");
}

function logFile(): string {
  return join(folder.path, "query.log");
}

/** So many series with a sample every 15 s, the last at END. */
async function insert(client: ClickHouse, name: string, count: number): Promise<void> {
  const hasher = await createSeriesHasher();
  const store = createSampleStore(client);
  const rowCount = count * SAMPLES;
  const metricIds = new BigUint64Array(rowCount).fill(hasher.metricId(TENANT, name));
  const seriesIds = new BigUint64Array(rowCount);
  const timestamps = new BigInt64Array(rowCount);
  const values = new Float64Array(rowCount);
  const series: SeriesRow[] = [];
  for (let i = 0; i < count; i++) {
    const labels = Labels.fromObject({ __name__: name, job: "node", instance: `host-${i}`, group: String(i % 7) });
    const id = hasher.seriesId(TENANT, labels);
    const ids = new Uint32Array(BigUint64Array.of(metricIds[0] ?? 0n, id).buffer);
    const [metricIdLow = 0, metricIdHigh = 0, seriesIdLow = 0, seriesIdHigh = 0] = ids;
    for (const day of new Set([dayOf(END_MS), dayOf(END_MS - SAMPLES * 15_000)])) {
      series.push({ tenant: TENANT, metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, day, labels });
    }
    for (let n = 0; n < SAMPLES; n++) {
      const row = i * SAMPLES + n;
      seriesIds[row] = id;
      timestamps[row] = BigInt(END_MS - (SAMPLES - 1 - n) * 15_000);
      values[row] = n * (i + 1);
    }
  }
  await store.insertSeries(series, { deduplicationToken: name });
  const words = (column: BigUint64Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>): Uint32Array<ArrayBuffer>[] => [
    new Uint32Array(column.buffer),
  ];
  await store.insertSamples(
    {
      rowCount,
      metricIds: words(metricIds),
      seriesIds: words(seriesIds),
      timestamps: words(timestamps),
      values: [wordsOf(values)],
    },
    { deduplicationToken: name },
  );
}

interface Running {
  readonly scope: ServiceScope;
  readonly base: string;
}

async function start(flagTexts: readonly string[]): Promise<Running> {
  const port = await findFreePort();
  const argv = [
    `--web.listen-address=127.0.0.1:${port}`,
    `--clickhouse.url=${clickhouse.url}`,
    `--clickhouse.database=${DATABASE}`,
    `--nats.url=${nats.url}`,
    ...flagTexts,
  ];
  const flags: ParsedFlags<typeof QUERY_FLAGS> = parseFlags(QUERY_FLAGS, { argv, environment: {} });
  const telemetry = { registry: new Registry(), logger: createSilentLogger() };
  const scope = new ServiceScope(telemetry, () => undefined);
  await startQuery(flags, scope);
  return { scope, base: `http://127.0.0.1:${port}` };
}

interface Answer {
  readonly code: number;
  readonly status?: string;
  readonly data?: { readonly resultType?: string; readonly result?: readonly unknown[] };
  readonly errorType?: string;
  readonly error?: string;
}

async function ask(
  path: string,
  parameters: Record<string, string>,
  init: RequestInit = {},
  { base } = running,
): Promise<Answer> {
  const response = await fetch(`${base}${path}?${new URLSearchParams(parameters).toString()}`, init);
  return { code: response.status, ...((await response.json()) as object) };
}

async function instant(query: string, init: RequestInit = {}, at = running): Promise<Answer> {
  return ask("/api/v1/query", { query, time: String(END) }, init, at);
}

/** The value of one series of the service's own metrics. */
async function metric(series: string, { base } = running): Promise<number> {
  const text = await (await fetch(`${base}/metrics`)).text();
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length));
}

interface Listed {
  readonly id: string;
  readonly query: string;
  readonly state: string;
}

async function activeQueries(headers: Record<string, string> = {}): Promise<readonly Listed[]> {
  const response = await fetch(`${running.base}/api/v1/status/active_queries`, { headers });
  return ((await response.json()) as { readonly data: readonly Listed[] }).data;
}

async function kill(id: string, headers: Record<string, string> = {}): Promise<number> {
  const url = `${running.base}/api/v1/status/active_queries/${id}`;
  return (await fetch(url, { method: "DELETE", headers })).status;
}

/** Waits until such a query stands in the list in that state. */
async function listed(query: string, state: string): Promise<Listed> {
  let found: Listed | undefined;
  await eventually(async () => {
    found = (await activeQueries()).find((one) => one.query === query && one.state === state);
    return found !== undefined;
  });
  return found as Listed;
}

/** Evaluates for longer than any query may, and reads little. */
const ENDLESS = Array.from(
  { length: 20 },
  (_, i) => `count_over_time(sum_over_time(requests_total{instance="host-${i}"}[1h])[2h:1ms])`,
).join(" + on () ");

describe("query protection - workers", () => {
  test("query protection - large queries give the same answers, in a worker", async () => {
    const startsBefore = await metric("monotreme_query_worker_starts_total");
    const counted = await instant("sum by (group) (count_over_time(requests_total[1h]))");
    expect(counted.data?.result).toHaveLength(7);
    expect(await metric("monotreme_query_worker_starts_total")).toBe(startsBefore + 1);
    const every = await ask("/api/v1/query_range", {
      query: "requests_total",
      start: String(END - 600),
      end: String(END),
      step: "15",
      stats: "all",
    });
    expect(every).toMatchObject({ code: 200, data: { resultType: "matrix", stats: { samples: {} } } });
    expect(every.data?.result).toHaveLength(SERIES);
    expect(every.data?.result?.[0]).toMatchObject({ metric: { group: "0", instance: "host-0" } });
    const few = await ask("/api/v1/query", { query: "requests_total", time: String(END), limit: "2" });
    expect(few).toMatchObject({ warnings: ["results truncated due to limit"] });
    expect(few.data?.result).toHaveLength(2);
    const label = 'label_replace(up{instance="host-1"}, "x", "$1", "instance", "(.*)")';
    expect((await instant(label)).data?.result).toMatchObject([{ metric: { x: "host-1" } }]);
  });

  test("query protection - what a worker refuses is answered as ever", async () => {
    const bad = 'label_replace(up, "x", "$1", "instance", "(.*") ';
    expect(await instant(bad)).toMatchObject({ code: 422, errorType: "execution" });
    const many = "requests_total * on (job) up + max_over_time(up[5m:15s])";
    expect(await instant(many)).toMatchObject({ code: 422, errorType: "execution" });
  });

  test("query protection - small queries are answered while large ones evaluate", async () => {
    const queries = [1, 2].map((i) => `${ENDLESS} + ${i}`);
    const endless = queries.map(async (query) => instant(query));
    const [first = ""] = queries;
    await listed(first, "running-in-worker");
    for (let i = 0; i < 20; i++) expect((await instant("up")).data?.result).toHaveLength(3);
    const large = await activeQueries();
    expect(large.map(({ query }) => query)).toEqual(queries);
    for (const { id } of large) await kill(id);
    for (const answer of await Promise.all(endless)) expect(answer.code).toBe(499);
    await eventually(async () => (await activeQueries()).length === 0);
  });

  test("query protection - a query ends at its timeout, also while it evaluates", async () => {
    const parameters = { query: `${ENDLESS} + 5`, time: String(END), timeout: "1s" };
    expect(await ask("/api/v1/query", parameters)).toMatchObject({ code: 503, errorType: "timeout" });
    await eventually(async () => (await activeQueries()).length === 0);
  });

  test("query protection - a client that leaves ends its query", async () => {
    const before = await metric('monotreme_query_queries_total{kind="instant",outcome="canceled"}');
    const client = new AbortController();
    const asked = instant(`${ENDLESS} + 3`, { signal: client.signal }).catch((error: unknown) => error);
    await listed(`${ENDLESS} + 3`, "running-in-worker");
    client.abort();
    await asked;
    await eventually(async () => (await activeQueries()).length === 0);
    expect(await metric('monotreme_query_queries_total{kind="instant",outcome="canceled"}')).toBe(before + 1);
    expect((await instant("sum(count_over_time(requests_total[1h]))")).code).toBe(200);
  });

  test("query protection - queries are listed and ended by id, each tenant's own", async () => {
    const asked = instant(`${ENDLESS} + 4`);
    const { id } = await listed(`${ENDLESS} + 4`, "running-in-worker");
    const other = { "X-Scope-OrgID": "team-b" };
    expect(await activeQueries(other)).toEqual([]);
    const killedBefore = await metric('monotreme_query_refused_total{reason="killed"}');
    expect(await kill(id, other)).toBe(404);
    expect(await kill(id)).toBe(204);
    expect(await asked).toMatchObject({ code: 499, errorType: "canceled" });
    await eventually(async () => (await activeQueries()).length === 0);
    expect(await kill(id)).toBe(404);
    expect(await metric('monotreme_query_refused_total{reason="killed"}')).toBe(killedBefore + 1);
  });

  test("query protection - ending queries needs --web.enable-admin-api", async () => {
    const plain = await start([]);
    const response = await fetch(`${plain.base}/api/v1/status/active_queries/x`, { method: "DELETE" });
    expect(response.status).toBe(503);
    await plain.scope.close(AbortSignal.timeout(5000));
  });

  test("query protection - a query that takes all heap ends its worker, not the process", async () => {
    const tight = await start(["--query.worker-heap=12MB"]);
    const replaced = 'label_replace(requests_total, "x", "$1$1$1$1$1$1$1$1", "instance", "(.*)")';
    const nested = Array.from({ length: 12 }, (_, i) => `count(${replaced} * ${i})`).join(" + ");
    const query = `count(max_over_time((${replaced} > 0)[50m:15s])) + ${nested}`;
    expect(await instant(query, {}, tight)).toMatchObject({ code: 422, errorType: "execution" });
    expect(await metric('monotreme_query_refused_total{reason="memory"}', tight)).toBe(1);
    expect((await instant("up", {}, tight)).code).toBe(200);
    await tight.scope.close(AbortSignal.timeout(5000));
  });
});

describe("query protection - limits", () => {
  test("query protection - hostile queries end within their limits", async () => {
    const strict = await start(["--query.max-samples=200000", "--query.timeout=10s"]);
    const hostile = [
      "up[30m:1ms]",
      "sum_over_time(requests_total[30m:1ms])",
      'count_over_time({__name__=~".+"}[1y])',
      "requests_total[1y]",
      "max_over_time(max_over_time(max_over_time(up[1y:1s])[1y:1s])[1y:1s])",
      "requests_total * on (group) group_left () requests_total",
      `up{instance=~"${"(a|b|c)*".repeat(200)}"} + up[1y:1ms]`,
      'up{instance=~"((a{100}){100}){100}"}',
      `label_replace(requests_total, "x", "$1", "instance", "${"(.*)".repeat(100)}")`,
    ];
    for (const query of hostile) {
      const { code, status } = await instant(query, {}, strict);
      expect([200, 400, 422, 503], query).toContain(code);
      expect(status, query).toBeDefined();
    }
    expect(await metric('monotreme_query_refused_total{reason="samples"}', strict)).toBeGreaterThan(0);
    expect((await instant("up", {}, strict)).code).toBe(200);
    await strict.scope.close(AbortSignal.timeout(5000));
  });

  test("query protection - bytes, series and steps have limits of their own", async () => {
    const strict = await start(["--query.max-bytes=1MB", "--query.max-series=100", "--query.max-steps=50"]);
    const bytes = await instant('count_over_time(requests_total{instance=~"host-1?.?"}[50m:15s])', {}, strict);
    expect(bytes).toMatchObject({ code: 200 });
    expect(await instant("count(requests_total)", {}, strict)).toMatchObject({ code: 422, errorType: "execution" });
    const range = { query: "up", start: String(END - 600), end: String(END), step: "1" };
    expect(await ask("/api/v1/query_range", range, {}, strict)).toMatchObject({ code: 422, errorType: "execution" });
    expect(await metric('monotreme_query_refused_total{reason="series"}', strict)).toBe(1);
    expect(await metric('monotreme_query_refused_total{reason="steps"}', strict)).toBe(1);
    await strict.scope.close(AbortSignal.timeout(5000));
  });
});

describe("query protection - query log", () => {
  test("query protection - every query is a line; a reload follows a rotation", async () => {
    await ask("/api/v1/query_range", { query: "up + 0.125", start: String(END - 60), end: String(END), step: "15" });
    await eventually(async () => (await readFile(logFile(), "utf8")).includes("up + 0.125"));
    const lines = (await readFile(logFile(), "utf8")).trimEnd().split("\n");
    const line = lines.find((text) => text.includes("up + 0.125")) ?? "";
    expect(JSON.parse(line)).toMatchObject({
      params: {
        query: "up + 0.125",
        start: new Date(END_MS - 60_000).toISOString(),
        end: new Date(END_MS).toISOString(),
        step: 15,
      },
      stats: { timings: { evalTotalTime: expect.any(Number) }, samples: {} },
      httpRequest: { clientIP: "127.0.0.1", method: "GET", path: "/api/v1/query_range" },
    });
    expect(await metric("prometheus_engine_query_log_enabled")).toBe(1);
    await rename(logFile(), `${logFile()}.1`);
    await running.scope.reload();
    await instant("up + 0.25");
    await eventually(async () => (await readFile(logFile(), "utf8")).includes("up + 0.25"));
    expect(await readFile(`${logFile()}.1`, "utf8")).not.toContain("up + 0.25");
  });
});
