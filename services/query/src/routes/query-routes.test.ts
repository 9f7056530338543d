import { AppError } from "@monotreme/errors";
import { Labels } from "@monotreme/model";
import type { SampleSource } from "@monotreme/promql";
import type { IndexRequest } from "@monotreme/storage";
import { gunzipSync, inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createFixture, type Fixture, NOW_MS } from "./query-fixture.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

async function get({ app }: Fixture, url: string, headers: Record<string, string> = {}) {
  return app.inject({ method: "GET", url, headers });
}

describe("query routes - answers", () => {
  const f = (name: string, url: string, data: string): void =>
    test(`query routes - ${name}`, async () => {
      const response = await get(await createFixture(), url);
      expect(response.body).toBe(`{"status":"success","data":${data}}`);
      expect(response.statusCode).toBe(200);
    });
  const at = "time=1750000000.5";
  f(
    "a vector",
    `/api/v1/query?query=up&${at}`,
    '{"resultType":"vector","result":[' +
      '{"metric":{"__name__":"up","instance":"a"},"value":[1750000000.5,"1"]},' +
      '{"metric":{"__name__":"up","instance":"b"},"value":[1750000000.5,"0.5"]}]}',
  );
  f(
    "a vector in the order that the query asks for",
    `/api/v1/query?query=sort(up)&${at}`,
    '{"resultType":"vector","result":[' +
      '{"metric":{"__name__":"up","instance":"b"},"value":[1750000000.5,"0.5"]},' +
      '{"metric":{"__name__":"up","instance":"a"},"value":[1750000000.5,"1"]}]}',
  );
  f("an empty vector, never null", `/api/v1/query?query=nothing&${at}`, '{"resultType":"vector","result":[]}');
  f("a scalar", `/api/v1/query?query=1e-7&${at}`, '{"resultType":"scalar","result":[1750000000.5,"1e-07"]}');
  f("a string", `/api/v1/query?query="a%5C"b"&${at}`, '{"resultType":"string","result":[1750000000.5,"a\\"b"]}');
  f("the time now where none is given", "/api/v1/query?query=2", '{"resultType":"scalar","result":[1750000000,"2"]}');
  f(
    "special values",
    `/api/v1/query?query=-1/vector(0)&${at}`,
    '{"resultType":"vector","result":[{"metric":{},"value":[1750000000.5,"-Inf"]}]}',
  );
  f(
    "raw samples of a range selector",
    `/api/v1/query?query=up{instance="a"}[20s]&time=1750000000`,
    '{"resultType":"matrix","result":[{"metric":{"__name__":"up","instance":"a"},' +
      '"values":[[1749999985,"1"],[1750000000,"1"]]}]}',
  );
  f(
    "a matrix of a range query",
    "/api/v1/query_range?query=sum(up)&start=1749999970&end=1750000000&step=15s",
    '{"resultType":"matrix","result":[{"metric":{},' +
      '"values":[[1749999970,"1.5"],[1749999985,"1.5"],[1750000000,"1.5"]]}]}',
  );
  f(
    "a scalar as a matrix",
    "/api/v1/query_range?query=7&start=2025-06-15T15:06:40Z&end=1750000000.25&step=0.25",
    '{"resultType":"matrix","result":[{"metric":{},"values":[[1750000000,"7"],[1750000000.25,"7"]]}]}',
  );
  f(
    "a range of one point",
    "/api/v1/query_range?query=7&start=1&end=1&step=1m",
    '{"resultType":"matrix","result":[{"metric":{},"values":[[1,"7"]]}]}',
  );
  f("no labels", "/api/v1/labels", "[]");
  f("no metadata", "/api/v1/metadata", "{}");
  f("no rules", "/api/v1/rules", '{"groups":[]}');
  f("no alerts", "/api/v1/alerts", '{"alerts":[]}');
  f("no exemplars", "/api/v1/query_exemplars?query=up", "[]");
  f("flags, sorted", "/api/v1/status/flags", '{"a":"1","b":"2"}');
  f("the configuration", "/api/v1/status/config", '{"yaml":"global: {}\\n"}');
  f("no scrape pools", "/api/v1/scrape_pools", '{"scrapePools":[]}');
  f("no targets", "/api/v1/targets", '{"activeTargets":[],"droppedTargets":[],"droppedTargetCounts":{}}');
});

describe("query routes - refusals", () => {
  const f = (url: string, status: number, errorType: string, error: string | RegExp): void =>
    test(`query routes - ${url}`, async () => {
      const response = await get(await createFixture(), url);
      expect(response.json()).toEqual({
        status: "error",
        errorType,
        error: typeof error === "string" ? error : expect.stringMatching(error),
      });
      expect(response.statusCode).toBe(status);
    });
  const bad = (url: string, error: string | RegExp): void => f(url, 400, "bad_data", error);
  const stamp = (name: string, text: string): string =>
    `invalid parameter "${name}": cannot parse "${text}" to a valid timestamp`;
  const duration = (name: string, text: string): string =>
    `invalid parameter "${name}": cannot parse "${text}" to a valid duration`;

  bad("/api/v1/query", /^invalid parameter "query": 1:1: parse error: no expression found in input/);
  bad("/api/v1/scrape_pools/config", "no scrapePool parameter provided");
  bad("/api/v1/scrape_pools/config?scrapePool=a", 'error getting scrape config: scrape pool "a" not found');
  bad("/api/v1/targets/relabel_steps?scrapePool=a", "no labels parameter provided");
  bad("/api/v1/targets/relabel_steps?scrapePool=a&labels={", /^error parsing labels: /);
  bad('/api/v1/targets/relabel_steps?scrapePool=a&labels={"a":1}', /^error parsing labels: /);
  bad("/api/v1/query?query=sum(up", /^invalid parameter "query": 1:\d+: parse error: /);
  bad("/api/v1/query?query=up&time=yesterday", stamp("time", "yesterday"));
  bad("/api/v1/query?query=up&time=NaN", stamp("time", "NaN"));
  bad("/api/v1/query?query=up&timeout=soon", duration("timeout", "soon"));
  bad("/api/v1/query?query=up&limit=-1", 'invalid parameter "limit": limit must be non-negative');
  bad("/api/v1/query?query=up&limit=many", 'invalid parameter "limit": cannot parse "many" to a valid limit');
  bad(
    "/api/v1/query?query=up&lookback_delta=x",
    'error parsing lookback delta duration: cannot parse "x" to a valid duration',
  );
  bad("/api/v1/query_range?query=up", stamp("start", ""));
  bad("/api/v1/query_range?query=up&start=1", stamp("end", ""));
  bad(
    "/api/v1/query_range?query=up&start=2&end=1&step=1",
    'invalid parameter "end": end timestamp must not be before start time',
  );
  bad("/api/v1/query_range?query=up&start=1&end=2", duration("step", ""));
  for (const step of ["0", "-1", "0.0001"]) {
    bad(
      `/api/v1/query_range?query=up&start=1&end=2&step=${step}`,
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  bad(
    "/api/v1/query_range?query=up&start=0&end=11001&step=1",
    "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
  );
  bad(
    "/api/v1/query_range?query=up[5m]&start=1&end=2&step=1",
    'invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector',
  );
  bad(
    '/api/v1/query_range?query="x"&start=1&end=2&step=1',
    'invalid parameter "query": invalid expression type "string" for range query, must be Scalar or instant Vector',
  );
  bad("/api/v1/series", "no match[] parameter provided");
  bad("/api/v1/series?match[]=up[5m]", 'invalid parameter "match[]": up[5m] is no series selector');
  bad("/api/v1/series?match[]={", /^invalid parameter "match\[\]": 1:\d+: parse error: /);
  bad('/api/v1/series?match[]={a=~".*"}', /^invalid parameter "match\[\]": .*at least one non-empty matcher$/);
  bad("/api/v1/labels?start=2&end=1", 'invalid parameter "end": end timestamp must not be before start time');
  bad("/api/v1/label/U__/values", 'invalid label name: ""');
  bad("/api/v1/metadata?limit=x", "limit must be a number");
  bad("/api/v1/metadata?limit_per_metric=x", "limit_per_metric must be a number");
  bad("/api/v1/targets?state=gone", 'invalid parameter "state": "gone" is none of active, dropped and any');
  f("/api/v1/query?query=up%20*%20on()%20up", 422, "execution", /found duplicate series for the match group/);
});

describe("query routes - behaviour", () => {
  test("query routes - reads forms, and lets them win over the address", async () => {
    const { app } = await createFixture();
    const payload = "query=1%2B1&time=10";
    const response = await app.inject({ method: "POST", url: "/api/v1/query?query=5", headers: FORM, payload });
    expect(response.json().data.result).toEqual([10, "2"]);
  });

  test("query routes - takes parameters of the address where the body is no form", async () => {
    const { app } = await createFixture();
    const headers = { "content-type": "application/json" };
    const response = await app.inject({ method: "POST", url: "/api/v1/query?query=5", headers, payload: "{nonsense" });
    expect(response.json().data.result).toEqual([NOW_MS / 1000, "5"]);
  });

  test("query routes - joins match[] of form and address", async () => {
    const asked: IndexRequest[] = [];
    const index = {
      series: async (request: IndexRequest) => {
        asked.push(request);
        return {
          items: [
            Labels.fromEntries([
              ["__name__", "up"],
              ["10", "x"],
              ["9", "y"],
            ]),
          ],
          isTruncated: true,
        };
      },
    };
    const { app } = await createFixture({ index });
    const url = "/api/v1/series?match[]=a&limit=1&start=1&end=2";
    const response = await app.inject({ method: "POST", url, headers: FORM, payload: "match[]=b" });
    expect(response.body).toBe(
      '{"status":"success","data":[{"10":"x","9":"y","__name__":"up"}],"warnings":["results truncated due to limit"]}',
    );
    expect(asked[0]).toMatchObject({ fromMs: 1000, untilMs: 2000, limit: 1 });
    expect(asked[0]?.matcherSets.map((set) => set.map(String))).toEqual([['__name__="b"'], ['__name__="a"']]);
  });

  test("query routes - unescapes the label of a path", async () => {
    const names: string[] = [];
    const index = {
      labelValues: async (name: string) => {
        names.push(name);
        return { items: ["x"], isTruncated: false };
      },
    };
    const fixture = await createFixture({ index });
    const response = await get(fixture, "/api/v1/label/U__http_2e_status__code/values");
    await get(fixture, "/api/v1/label/U__broken_zz_/values");
    await get(fixture, "/api/v1/label/service.name/values");
    expect(response.json()).toEqual({ status: "success", data: ["x"] });
    expect(names).toEqual(["http.status_code", "U__broken_zz_", "service.name"]);
  });

  test("query routes - cuts results at the limit and says so", async () => {
    const response = await get(await createFixture(), "/api/v1/query?query=up&limit=1");
    expect(response.json()).toMatchObject({ warnings: ["results truncated due to limit"] });
    expect(response.json().data.result).toHaveLength(1);
  });

  test("query routes - passes annotations on, with their positions", async () => {
    const url = "/api/v1/query?query=quantile(2, up)";
    const response = await get(await createFixture(), url);
    expect(response.json().warnings).toEqual([expect.stringMatching(/^PromQL warning: .*\(1:10\)$/)]);
  });

  test("query routes - stops at the limit of samples", async () => {
    const response = await get(await createFixture({ maxSamples: 10 }), "/api/v1/query?query=up[1h]");
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({
      errorType: "execution",
      error: "query processing would load too many samples into memory in query execution",
    });
  });

  test("query routes - tells what is missing, and to come back, while the storage is away", async () => {
    const away = new AppError("CLICKHOUSE_UNAVAILABLE", "unavailable", "ClickHouse at http://ch:8123 is not available");
    const fixture = await createFixture({
      source: failing(away),
      index: { labelNames: async () => Promise.reject(away) },
    });
    for (const url of ["/api/v1/query?query=up", "/api/v1/labels"]) {
      const response = await get(fixture, url);
      expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "1"]);
      expect(response.json()).toEqual({ status: "error", errorType: "unavailable", error: away.message });
    }
    const metric = await fixture.registry.getSingleMetric("monotreme_query_queries_total")?.get();
    const counted = metric?.values.filter(({ value }) => value > 0);
    expect(counted).toMatchObject([{ labels: { kind: "instant", outcome: "unavailable" }, value: 1 }]);
  });

  test("query routes - stops reading the index when the time is over", async () => {
    const labelNames = ({ signal }: IndexRequest): Promise<never> =>
      new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      });
    const response = await get(await createFixture({ timeoutMs: 1, index: { labelNames } }), "/api/v1/labels");
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ errorType: "timeout", error: "the request timed out reading the index" });
  });

  test("query routes - answers HEAD without a body", async () => {
    const { app } = await createFixture();
    const response = await app.inject({ method: "HEAD", url: "/api/v1/query?query=up" });
    expect([response.statusCode, response.body]).toEqual([200, ""]);
  });

  test("query routes - never shows a fault of its own", async () => {
    const response = await get(await createFixture({ source: failing(new Error("secret")) }), "/api/v1/query?query=up");
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({ status: "error", errorType: "internal", error: "internal error" });
  });

  test("query routes - reads as the tenant of the header", async () => {
    const tenants: string[] = [];
    const { app } = await createFixture({ onTenant: (tenant) => tenants.push(tenant) });
    await app.inject({ url: "/api/v1/query?query=up", headers: { "x-scope-orgid": "team-a" } });
    await app.inject({ url: "/api/v1/labels" });
    const refused = await app.inject({ url: "/api/v1/query?query=up", headers: { "x-scope-orgid": "a/b" } });
    expect(tenants).toEqual(["team-a", "anonymous"]);
    expect([refused.statusCode, refused.json().errorType]).toEqual([400, "bad_data"]);
  });

  test("query routes - compresses for clients that take gzip, also in pieces", async () => {
    const fixture = await createFixture({ maxSamples: 1_000_000 });
    const small = "/api/v1/query_range?query=up&start=1749996400&end=1750000000&step=15";
    const large =
      '/api/v1/query_range?query=label_replace(up,"a","' +
      "x".repeat(3000) +
      '","","")&start=1749996400&end=1750000000&step=1';
    for (const url of [small, large]) {
      const plain = await get(fixture, url);
      const packed = await get(fixture, url, { "accept-encoding": "deflate, gzip;q=0.5" });
      expect([plain.headers["content-encoding"], packed.headers["content-encoding"]]).toEqual([undefined, "gzip"]);
      expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body);
      const deflated = await get(fixture, url, { "accept-encoding": "gzip;q=0, deflate" });
      expect(deflated.headers["content-encoding"]).toBe("deflate");
      expect(inflateSync(deflated.rawPayload).toString()).toBe(plain.body);
      expect(plain.json().status).toBe("success");
    }
  });

  test("query routes - lets pages of allowed origins read", async () => {
    const fixture = await createFixture({ corsOrigin: "https://(a|b)\\.example" });
    const preflight = await fixture.app.inject({
      method: "OPTIONS",
      url: "/api/v1/query",
      headers: { origin: "https://a.example" },
    });
    expect(preflight.statusCode).toBe(204);
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": "https://a.example",
      "access-control-allow-methods": "GET, POST, OPTIONS",
      vary: "Origin",
    });
    const other = await get(fixture, "/api/v1/query?query=1", { origin: "https://a.example.evil" });
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
    const open = await get(await createFixture(), "/api/v1/query?query=1", { origin: "https://x" });
    expect(open.headers["access-control-allow-origin"]).toBe("*");
  });

  test("query routes - does not know other paths", async () => {
    expect((await get(await createFixture(), "/api/v1/nothing")).statusCode).toBe(404);
  });
});

function failing(error: Error): SampleSource {
  return { select: async () => Promise.reject(error) };
}

describe("query routes - active queries", () => {
  const PATH = "/api/v1/status/active_queries";

  test("query routes - active queries are listed for their tenant and ended by id", async () => {
    let onAsked: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      onAsked = resolve;
    });
    const source: SampleSource = {
      select: ({ signal }) =>
        new Promise((_, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
          onAsked();
        }),
    };
    const fixture = await createFixture({ source, enableAdminApi: true });
    const running = get(fixture, "/api/v1/query?query=up", { "x-scope-orgid": "team-a" });
    await asked;
    expect((await get(fixture, PATH)).json()).toEqual({ status: "success", data: [] });
    const listed = await get(fixture, PATH, { "x-scope-orgid": "team-a" });
    const [query] = listed.json<{ data: { id: string }[] }>().data;
    expect(query).toMatchObject({ query: "up", kind: "instant", tenant: "team-a", state: "running", samplesRead: 0 });
    const kill = async (tenant: string) =>
      fixture.app.inject({ method: "DELETE", url: `${PATH}/${query?.id}`, headers: { "x-scope-orgid": tenant } });
    expect((await kill("team-b")).statusCode).toBe(404);
    expect((await kill("team-a")).statusCode).toBe(204);
    expect((await running).statusCode).toBe(499);
  });

  test("query routes - without the admin API nothing is ended", async () => {
    const { app } = await createFixture();
    const response = await app.inject({ method: "DELETE", url: `${PATH}/1` });
    expect([response.statusCode, response.json()]).toMatchObject([503, { errorType: "unavailable" }]);
  });
});

test("query routes - stats tell the samples, and of each step where the feature is on", async () => {
  const params = new URLSearchParams({
    query: "sum_over_time(up[30s])",
    start: String(NOW_MS / 1000 - 30),
    end: String(NOW_MS / 1000),
    step: "15s",
  });
  const samplesOf = async (features: string, stats: string): Promise<unknown> => {
    const { app } = await createFixture({ features });
    const answer = await app.inject({ url: `/api/v1/query_range?${params.toString()}&stats=${stats}` });
    const body: { data: { stats: { samples: unknown } } } = answer.json();
    return body.data.stats.samples;
  };
  const totals = { totalQueryableSamples: 12, samplesRead: 8, peakSamples: expect.any(Number) };
  expect(await samplesOf("promql-per-step-stats", "true")).toEqual(totals);
  expect(await samplesOf("", "all")).toEqual(totals);
  const last = NOW_MS / 1000;
  expect(await samplesOf("promql-per-step-stats", "all")).toEqual({
    ...totals,
    totalQueryableSamplesPerStep: [
      [last - 30, 4],
      [last - 15, 4],
      [last, 4],
    ],
    samplesReadPerStep: [
      [last - 30, 4],
      [last - 15, 2],
      [last, 2],
    ],
  });
});
