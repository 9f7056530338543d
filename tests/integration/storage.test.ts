import { ClickHouse } from "@monotreme/clickhouse";
import { decodeSampleBatch, SampleBatchBuilder } from "@monotreme/contracts";
import {
  compareLabels,
  createSeriesHasher,
  isStaleAt,
  Labels,
  Matcher,
  matchesAll,
  STALE_NAN_HIGH,
  STALE_NAN_LOW,
  wordsOf,
} from "@monotreme/model";
import type { SelectRequest } from "@monotreme/promql";
import {
  createExemplarSource,
  createSampleSource,
  createSampleStore,
  createSeriesIndex,
  createSeriesLookups,
  type ExemplarRow,
  migrateStorage,
  STORAGE_MIGRATIONS,
} from "@monotreme/storage";
import { createSilentLogger } from "@monotreme/telemetry";
import { startClickHouse, type TestServer } from "@monotreme/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FixtureSample, fixtureRows, histogramInsertOf, wordsOfIds } from "./storage-fixture.ts";

const NOON_MS = Date.UTC(2026, 5, 1, 12);
const EVER = { fromMs: -Infinity, untilMs: Infinity, limit: 0 };
const STALE: readonly [number, number] = [STALE_NAN_LOW, STALE_NAN_HIGH];

let server: TestServer;
let clickhouse: ClickHouse;

beforeAll(async () => {
  server = await startClickHouse();
  clickhouse = new ClickHouse({ url: server.url, database: "monotreme" });
  await migrateStorage(clickhouse, { logger: createSilentLogger() });
});

afterAll(async () => {
  await clickhouse?.close();
  await server?.stop();
});

let inserts = 0;

async function write(tenant: string, samples: readonly FixtureSample[], token = `test-${inserts++}`): Promise<void> {
  const store = createSampleStore(clickhouse);
  const rows = await fixtureRows(tenant, samples);
  await store.insertSeries(rows.series, { deduplicationToken: `${token}/series` });
  await store.insertSamples(rows.samples, { deduplicationToken: `${token}/samples` });
}

function selectRequest(matchers: readonly Matcher[], changes: Partial<SelectRequest> = {}): SelectRequest {
  return { matchers, afterMs: NOON_MS - 1, untilMs: NOON_MS + 3_600_000, stepMs: 0, functionName: "", ...changes };
}

async function select(tenant: string, matchers: readonly Matcher[], changes: Partial<SelectRequest> = {}) {
  return createSampleSource(clickhouse, tenant).select(selectRequest(matchers, changes));
}

const named = (name: string): Matcher => new Matcher("=", "__name__", name);

test("storage - migrations run once and may run again", async () => {
  await migrateStorage(clickhouse, { logger: createSilentLogger() });
  expect(await clickhouse.queryRows("SELECT id FROM migrations ORDER BY id")).toEqual(
    STORAGE_MIGRATIONS.map(({ id }) => ({ id })),
  );
});

test("storage - answers the samples of a series in time order, whatever their order was", async () => {
  const labels = Labels.fromObject({ __name__: "order", job: "a" });
  const sample = (offsetMs: number): FixtureSample => ({ labels, timestampMs: NOON_MS + offsetMs, value: offsetMs });
  await write("order", [sample(3000), sample(1000)]);
  await write("order", [sample(2000)]);
  const [series, ...others] = await select("order", [named("order")]);
  expect(others).toEqual([]);
  expect(series?.labels.equals(labels)).toBe(true);
  expect([...(series?.timestamps ?? [])]).toEqual([1000, 2000, 3000].map((offset) => NOON_MS + offset));
  expect([...(series?.values ?? [])]).toEqual([1000, 2000, 3000]);
});

test("storage - a range is open on the left and closed on the right", async () => {
  const labels = Labels.fromObject({ __name__: "edges" });
  await write(
    "edges",
    [0, 1, 2, 3].map((i) => ({ labels, timestampMs: NOON_MS + i, value: i })),
  );
  const [series] = await select("edges", [named("edges")], { afterMs: NOON_MS, untilMs: NOON_MS + 2 });
  expect([...(series?.values ?? [])]).toEqual([1, 2]);
  expect(await select("edges", [named("edges")], { afterMs: NOON_MS + 3 })).toEqual([]);
});

test("storage - reads across days, and from days long gone", async () => {
  const labels = Labels.fromObject({ __name__: "days" });
  const times = [-90_000_000, 0, NOON_MS - 86_400_000, NOON_MS, NOON_MS + 86_400_000];
  await write(
    "days",
    times.map((timestampMs, i) => ({ labels, timestampMs, value: i })),
  );
  const [series] = await select("days", [named("days")], { afterMs: -100_000_000, untilMs: NOON_MS * 2 });
  expect([...(series?.timestamps ?? [])]).toEqual(times);
});

test("storage - a NaN's bits survive", async () => {
  const labels = Labels.fromObject({ __name__: "nans" });
  await write("nans", [
    { labels, timestampMs: NOON_MS, value: STALE },
    { labels, timestampMs: NOON_MS + 1, value: [1, 0x7ff80000] },
    { labels, timestampMs: NOON_MS + 2, value: [0x12345678, 0xfff80001] },
  ]);
  const [series] = await select("nans", [named("nans")]);
  const words = wordsOf(series?.values ?? new Float64Array());
  expect([...words]).toEqual([...STALE, 1, 0x7ff80000, 0x12345678, 0xfff80001]);
  expect(isStaleAt(words, 0)).toBe(true);
});

test("storage - of several values at one timestamp the larger wins, before and after merges", async () => {
  const labels = Labels.fromObject({ __name__: "conflict" });
  const at = (offset: number, value: FixtureSample["value"]): FixtureSample => ({
    labels,
    timestampMs: NOON_MS + offset,
    value,
  });
  await write("conflict", [at(0, 1), at(1, 5), at(2, STALE), at(3, 7)]);
  await write("conflict", [at(0, 2), at(1, 4), at(2, -3), at(3, STALE)]);
  await write("conflict", [at(0, 1), at(1, 4)]);
  const valuesNow = async (): Promise<number[]> => {
    const [series] = await select("conflict", [named("conflict")]);
    return [...(series?.values ?? [])];
  };
  expect(await valuesNow()).toEqual([2, 5, -3, 7]);
  await clickhouse.command("OPTIMIZE TABLE samples FINAL");
  expect(await valuesNow()).toEqual([2, 5, -3, 7]);
});

test("storage - a repeated insert with the same token adds nothing, in any of its days", async () => {
  const labels = Labels.fromObject({ __name__: "repeat" });
  const first = { labels, timestampMs: NOON_MS, value: 1 };
  const nextDay = { labels, timestampMs: NOON_MS + 86_400_000, value: 2 };
  await write("repeat", [first], "repeat");
  await write("repeat", [first, nextDay], "repeat");
  await write("repeat", [first, nextDay], "repeat");
  const { metric_id: metricId } = (
    await clickhouse.queryRows("SELECT toString(any(metric_id)) AS metric_id FROM series WHERE tenant = 'repeat'")
  )[0] ?? { metric_id: "" };
  const rows = await clickhouse.queryRows("SELECT count() AS rows FROM samples WHERE metric_id = {id:UInt64}", {
    parameters: { id: String(metricId) },
  });
  expect(rows).toEqual([{ rows: "2" }]);
});

const ZOO = [
  { __name__: "http_requests_total", job: "api", path: "/a", code: "200" },
  { __name__: "http_requests_total", job: "api", path: "/b\nc", code: "500" },
  { __name__: "http_requests_total", job: "web", path: 'it\'s \\ "quoted"\t{x:String}', code: "404" },
  { __name__: "up", job: "api", instance: "ä€😀" },
  { __name__: "up", job: "web", instance: "localhost:9090" },
  { __name__: "node.cpu/load", "label with space": "x", job: "node" },
].map((labels) => Labels.fromObject(labels));

const ZOO_SELECTORS: readonly (readonly Matcher[])[] = [
  [named("up")],
  [new Matcher("!=", "__name__", "up")],
  [new Matcher("=~", "__name__", "http_.*")],
  [new Matcher("=~", "__name__", "up|node.cpu/load")],
  [new Matcher("!~", "__name__", "up|http_requests_total")],
  [new Matcher("=", "job", "api")],
  [new Matcher("=", "path", "")],
  [new Matcher("!=", "path", "")],
  [new Matcher("=~", "path", "")],
  [new Matcher("=~", "path", "(/b\\.c|it's|)")],
  [new Matcher("!~", "path", "/b\\.c|/b|")],
  [new Matcher("=~", "path", ".*")],
  [new Matcher("=~", "path", ".+")],
  [new Matcher("=~", "path", "/b.c")],
  [new Matcher("=~", "path", "/b")],
  [new Matcher("!~", "path", "/.*")],
  [new Matcher("=~", "instance", "(?i)LOCALHOST:\\d+")],
  [new Matcher("=~", "instance", "ä.😀")],
  [new Matcher("=", "path", 'it\'s \\ "quoted"\t{x:String}')],
  [new Matcher("=", "label with space", "x")],
  [named("http_requests_total"), new Matcher("!~", "code", "4..|5.."), new Matcher("=~", "job", "a|api|b")],
  [new Matcher("=", "nothing", "x")],
];

test("storage - selectors find the same series in ClickHouse as in this process", async () => {
  await write(
    "zoo",
    ZOO.map((labels) => ({ labels, timestampMs: NOON_MS, value: 1 })),
  );
  await write(
    "other",
    ZOO.map((labels) => ({ labels, timestampMs: NOON_MS, value: 2 })),
  );
  for (const matchers of ZOO_SELECTORS) {
    const found = (await select("zoo", matchers)).map((series) => series.labels.key);
    const expected = ZOO.filter((labels) => matchesAll(matchers, labels)).map((labels) => labels.key);
    expect(found.toSorted(), matchers.map(String).join()).toEqual(expected.toSorted());
  }
});

test("storage - no tenant sees another's series", async () => {
  const found = await select("zoo", [new Matcher("=~", "job", ".+")]);
  expect(found.flatMap((series) => [...series.values])).toEqual(ZOO.map(() => 1));
  expect(await select("nobody", [new Matcher("=~", "job", ".+")])).toEqual([]);
});

test("storage - more samples or series than allowed are refused", async () => {
  const matchers = [new Matcher("=~", "job", ".+")];
  await expect(select("zoo", matchers, { maxSamples: 3 })).rejects.toMatchObject({
    code: "QUERY_TOO_MANY_SAMPLES",
    kind: "limit",
  });
  await expect(
    createSampleSource(clickhouse, "zoo", { maxSeries: 5 }).select(selectRequest(matchers)),
  ).rejects.toMatchObject({ code: "QUERY_TOO_MANY_SERIES", kind: "limit" });
  expect(await select("zoo", matchers, { maxSamples: 6 })).toHaveLength(6);
});

test("storage - guesses of what a selector will find never show in its answer", async () => {
  // No answer is fresh, so every read begins with a guess: the metric's id, or the series that were found before.
  const source = createSampleSource(clickhouse, "guesses", {
    lookups: createSeriesLookups(clickhouse, { freshMs: 0 }),
  });
  const selectors = [[named("g")], [named("g"), new Matcher("=~", "job", ".+")], [new Matcher("=", "job", "a")]];
  const labels = ["a", "b", "c"].map((job) => Labels.fromObject({ __name__: "g", job }));
  for (const [known, added] of labels.entries()) {
    await write("guesses", [{ labels: added, timestampMs: NOON_MS, value: known }]);
    for (const matchers of selectors) {
      const found = (await source.select(selectRequest(matchers))).map((series) => series.labels.key);
      const expected = labels.slice(0, known + 1).filter((one) => matchesAll(matchers, one));
      expect(found.toSorted(), matchers.map(String).join()).toEqual(expected.map((one) => one.key).toSorted());
    }
  }
  expect(await source.select(selectRequest([named("nothing")]))).toEqual([]);
  await expect(source.select(selectRequest([named("g")], { maxSamples: 2 }))).rejects.toMatchObject({
    code: "QUERY_TOO_MANY_SAMPLES",
  });
});

test("storage - selectors that share a look-up answer as those that do not", async () => {
  const source = createSampleSource(clickhouse, "zoo", {
    lookups: createSeriesLookups(clickhouse, { freshMs: 60_000 }),
  });
  for (const matchers of [...ZOO_SELECTORS, ...ZOO_SELECTORS]) {
    const [found, expected] = [await source.select(selectRequest(matchers)), await select("zoo", matchers)];
    expect(found.map(({ labels, values }) => [labels.key, ...values])).toEqual(
      expected.map(({ labels, values }) => [labels.key, ...values]),
    );
  }
});

test("storage - a large set of series is read without naming each of them", async () => {
  const samples = Array.from({ length: 12_000 }, (_, i) => ({
    labels: Labels.fromObject({ __name__: i % 2 === 0 ? "even" : "odd", i: String(i) }),
    timestampMs: NOON_MS + i,
    value: i,
  }));
  await write("large", samples);
  const found = await select("large", [new Matcher("=~", "i", ".*[0-8]")]);
  const expected = samples.filter((sample) => !sample.labels.get("i").endsWith("9"));
  expect(found).toHaveLength(expected.length);
  for (const series of found) expect(String(series.values[0])).toBe(series.labels.get("i"));
});

test("storage - an aborted read rejects with the reason and ends the query on the server", async () => {
  const abort = new AbortController();
  const query = "SELECT count() AS n FROM numbers(1000000000000) WHERE sipHash64(number) = 7";
  const running = clickhouse.selectNative(query, { signal: abort.signal }).next();
  const isRunning = async (): Promise<boolean> => {
    const rows = await clickhouse.queryRows(
      "SELECT count() AS n FROM system.processes WHERE query LIKE 'SELECT count() AS n FROM numbers(1000000000000)%'",
    );
    return rows[0]?.["n"] !== "0";
  };
  await expect.poll(isRunning).toBe(true);
  abort.abort(new Error("no longer needed"));
  await expect(running).rejects.toThrow("no longer needed");
  await expect.poll(isRunning, { timeout: 5000 }).toBe(false);
});

test("storage - an exception in the middle of an answer comes with the server's words", async () => {
  const query = "SELECT throwIf(number = 3000000, 'on purpose') AS x, number FROM numbers(10000000)";
  const readAll = async (): Promise<void> => {
    for await (const block of clickhouse.selectNative(query)) expect(block.rowCount).toBeGreaterThan(0);
  };
  await expect(readAll()).rejects.toMatchObject({ code: "CLICKHOUSE_QUERY_FAILED", serverCode: 395 });
});

test("storage - a server that is not there is unavailable, without its password in the words", async () => {
  const nobody = new ClickHouse({ url: "http://user:secret@127.0.0.1:1", database: "monotreme" });
  await expect(nobody.queryRows("SELECT 1")).rejects.toMatchObject({
    code: "CLICKHOUSE_UNAVAILABLE",
    kind: "unavailable",
    message: expect.not.stringContaining("secret"),
  });
  await nobody.close();
});

test("storage - the index lists series, names and values, sorted and cut", async () => {
  const index = createSeriesIndex(clickhouse, "zoo");
  const all = await index.series({ ...EVER, matcherSets: [] });
  expect(all.items.map(String)).toEqual(ZOO.toSorted(compareLabels).map(String));
  expect(all.isTruncated).toBe(false);
  const some = await index.series({ ...EVER, matcherSets: [[named("up")], [new Matcher("=", "code", "404")]] });
  expect(some.items.map((labels) => labels.metricName)).toEqual(["http_requests_total", "up", "up"]);
  expect(await index.labelNames({ ...EVER, matcherSets: [[named("up")]] })).toEqual({
    items: ["__name__", "instance", "job"],
    isTruncated: false,
  });
  expect(await index.labelValues("job", { ...EVER, matcherSets: [], limit: 2 })).toEqual({
    items: ["api", "node"],
    isTruncated: true,
  });
  expect(await index.labelValues("__name__", { ...EVER, matcherSets: [] })).toEqual({
    items: ["http_requests_total", "node.cpu/load", "up"],
    isTruncated: false,
  });
  const yesterday = { fromMs: NOON_MS - 90_000_000, untilMs: NOON_MS - 86_400_000, limit: 0, matcherSets: [] };
  expect((await index.series(yesterday)).items).toEqual([]);
});

test("storage - metadata keeps one entry a kind and answers the limits", async () => {
  const store = createSampleStore(clickhouse);
  const entry = { tenant: "meta", metric: "up", type: "gauge", help: "1", unit: "" } as const;
  await store.insertMetadata([entry, { ...entry, metric: "z", type: "counter" }], { deduplicationToken: "m1" });
  await store.insertMetadata([entry, { ...entry, help: "2" }], { deduplicationToken: "m2" });
  const index = createSeriesIndex(clickhouse, "meta");
  const all = await index.metadata({ limit: 0, limitPerMetric: 0 });
  expect([...all.keys()]).toEqual(["up", "z"]);
  expect(
    all
      .get("up")
      ?.map((found) => found.help)
      .toSorted(),
  ).toEqual(["1", "2"]);
  expect((await index.metadata({ limit: 0, limitPerMetric: 1 })).get("up")).toHaveLength(1);
  expect([...(await index.metadata({ limit: 1, limitPerMetric: 0 })).keys()]).toEqual(["up"]);
  expect([...(await index.metadata({ metric: "z", limit: 0, limitPerMetric: 0 })).keys()]).toEqual(["z"]);
});

test("storage - exemplars are answered by series in time order, repeats once", async () => {
  const labels = Labels.fromObject({ __name__: "requests_total", job: "a" });
  const other = Labels.fromObject({ __name__: "requests_total", job: "b" });
  await write(
    "exemplars",
    [labels, other].map((series) => ({ labels: series, timestampMs: NOON_MS, value: 1 })),
  );
  const hasher = await createSeriesHasher();
  const row = (series: Labels, offsetMs: number, trace: string): ExemplarRow => ({
    ...wordsOfIds(hasher.metricId("exemplars", "requests_total"), hasher.seriesId("exemplars", series)),
    timestampMs: NOON_MS + offsetMs,
    value: offsetMs / 8,
    labels: Labels.fromObject({ trace_id: trace }),
  });
  const store = createSampleStore(clickhouse);
  const rows = [row(other, 5, "o"), row(labels, 2, "b"), row(labels, 1, "a"), row(labels, 9, "z")];
  await store.insertExemplars(rows, { deduplicationToken: "e1" });
  await store.insertExemplars([row(labels, 2, "b")], { deduplicationToken: "e2" });
  const ask = (matchers: readonly Matcher[], limit?: number) =>
    createExemplarSource(clickhouse, "exemplars").exemplars({
      matcherSets: [matchers],
      fromMs: NOON_MS + 1,
      untilMs: NOON_MS + 5,
      ...(limit !== undefined && { limit }),
    });
  const found = await ask([named("requests_total")]);
  expect(found.map((series) => series.labels.get("job"))).toEqual(["a", "b"]);
  expect(found[0]?.exemplars.map(({ timestampMs, value }) => [timestampMs - NOON_MS, value])).toEqual([
    [1, 1 / 8],
    [2, 2 / 8],
  ]);
  expect(found[0]?.exemplars[0]?.labels.get("trace_id")).toBe("a");
  expect((await ask([new Matcher("=", "job", "b")])).flatMap(({ exemplars }) => exemplars)).toHaveLength(1);
  expect((await ask([named("requests_total")], 2)).flatMap(({ exemplars }) => exemplars)).toHaveLength(2);
  expect(await ask([named("nothing")])).toEqual([]);
});

test("storage - histograms come back among the floats of their series, the better of two at one time", async () => {
  const labels = Labels.fromObject({ __name__: "mixed", job: "a" });
  await write("mixed", [
    { labels, timestampMs: NOON_MS, value: 1 },
    { labels, timestampMs: NOON_MS + 3, value: STALE },
  ]);
  const hasher = await createSeriesHasher();
  const ids = wordsOfIds(hasher.metricId("mixed", "mixed"), hasher.seriesId("mixed", labels));
  const insertHistogram = async (offsetMs: number, count: number, buckets: readonly number[]): Promise<void> => {
    const builder = new SampleBatchBuilder("mixed");
    const { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh } = ids;
    builder.addHistogram(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, NOON_MS + offsetMs, {
      schema: -53,
      counterResetHint: "unknown",
      zeroThreshold: 0,
      zeroCount: 0,
      count,
      sum: 1.5,
      positiveOffset: 0,
      positiveBuckets: buckets,
      negativeOffset: -3,
      negativeBuckets: [],
      customBounds: [0.25, 1],
    });
    builder.addStart(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, NOON_MS + offsetMs, NOON_MS - count);
    const { histograms, starts } = decodeSampleBatch(builder.encode());
    if (histograms === undefined || starts === undefined) throw new Error("the batch lost its histogram");
    const store = createSampleStore(clickhouse);
    const deduplicationToken = `mixed-${inserts++}`;
    await store.insertHistograms(histogramInsertOf(histograms), { deduplicationToken });
    await store.insertStarts(
      {
        rowCount: 1,
        metricIds: [starts.metricIds],
        seriesIds: [starts.seriesIds],
        timestamps: [starts.timestamps],
        starts: [starts.starts],
      },
      { deduplicationToken },
    );
  };
  await insertHistogram(1, 3, [1, 0, 2]);
  await insertHistogram(2, 4, [1, 1, 2]);
  await insertHistogram(1, 2, [1, 0, 1]);
  const answer = async () => {
    const source = createSampleSource(clickhouse, "mixed", { startTimestamps: true });
    const [series] = await source.select(selectRequest([named("mixed")]));
    return series;
  };
  const before = await answer();
  expect([...(before?.timestamps ?? [])].map((timestampMs) => timestampMs - NOON_MS)).toEqual([0, 1, 2, 3]);
  expect(before?.histograms?.map((histogram) => histogram?.positiveBuckets)).toEqual([
    undefined,
    [1, 0, 2],
    [1, 1, 2],
    undefined,
  ]);
  expect(before?.histograms?.[2]).toMatchObject({
    schema: -53,
    counterResetHint: "not-reset",
    count: 4,
    sum: 1.5,
    negativeOffset: -3,
    customBounds: [0.25, 1],
  });
  expect([...(before?.startTimestamps ?? [])]).toEqual([Number.NaN, NOON_MS - 2, NOON_MS - 4, Number.NaN]);
  expect(isStaleAt(wordsOf(before?.values ?? new Float64Array()), 3)).toBe(true);
  for (const table of ["histograms", "starts"]) await clickhouse.command(`OPTIMIZE TABLE ${table} FINAL`);
  expect(await answer()).toEqual(before);
});
