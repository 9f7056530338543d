import { type Bus, connectBus, ensureStreams } from "@monotreme/bus";
import { ClickHouse } from "@monotreme/clickhouse";
import { type ParsedFlags, parseFlags } from "@monotreme/config";
import { SAMPLES_STREAM, SampleBatchBuilder, samplesSubject } from "@monotreme/contracts";
import { type IngestPipeline, startIngestPipeline } from "@monotreme/ingester";
import { ServiceScope } from "@monotreme/lifecycle";
import { createSeriesHasher, Labels, type SeriesHasher, wordsOf } from "@monotreme/model";
import { QUERY_FLAGS, startQuery } from "@monotreme/query";
import { findFreePort } from "@monotreme/standalone";
import { dayOf, migrateStorage } from "@monotreme/storage";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { eventually, startClickHouse, startNats, startRedis, type TestServer } from "@monotreme/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { wordsOfIds } from "./storage-fixture.ts";

const MINUTE_MS = 60_000;
/** A whole minute, so long ago that all is settled. */
const END_MS = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 60 * MINUTE_MS;

let servers: TestServer[];
let redis: TestServer;
let clickhouse: ClickHouse;
let bus: Bus;
let pipeline: IngestPipeline;
let hasher: SeriesHasher;
let scope: ServiceScope;
let base: string;

const telemetry = () => ({ logger: createSilentLogger(), registry: new Registry() });

beforeAll(async () => {
  const [clickhouseServer, nats, redisServer] = await Promise.all([startClickHouse(), startNats(), startRedis()]);
  servers = [clickhouseServer, nats, redisServer];
  redis = redisServer;
  hasher = await createSeriesHasher();
  clickhouse = new ClickHouse({ url: clickhouseServer.url, database: "monotreme" });
  await migrateStorage(clickhouse, { logger: createSilentLogger() });
  bus = await connectBus({ url: nats.url, name: "test", ...telemetry() });
  await ensureStreams(bus, { samplesMaxBytes: 2 ** 30, deadletterMaxBytes: 2 ** 20, replicas: 1 });
  pipeline = await startIngestPipeline({
    bus,
    clickhouse,
    telemetry: telemetry(),
    partitions: 2,
    streamReplicas: 1,
    batchMaxBytes: 2 ** 20,
    batchLinger: 10,
    maxKnownSeries: 10_000,
    ackWait: 3000,
  });
  const port = await findFreePort();
  const argv = [
    `--web.listen-address=127.0.0.1:${port}`,
    `--clickhouse.url=${clickhouseServer.url}`,
    `--nats.url=${nats.url}`,
    `--redis.url=${redis.url}`,
    "--web.enable-admin-api",
  ];
  const flags: ParsedFlags<typeof QUERY_FLAGS> = parseFlags(QUERY_FLAGS, { argv, environment: {} });
  scope = new ServiceScope(telemetry(), () => undefined);
  await startQuery(flags, scope);
  base = `http://127.0.0.1:${port}`;
});

afterAll(async () => {
  await scope?.close(AbortSignal.timeout(5000));
  await pipeline?.close(AbortSignal.timeout(5000));
  await bus?.close();
  await clickhouse?.close();
  await Promise.all((servers ?? []).map((server) => server.stop()));
});

interface Sample {
  readonly instance: string;
  readonly timestampMs: number;
  readonly value: number;
}

async function publish(tenant: string, samples: readonly Sample[]): Promise<void> {
  const builder = new SampleBatchBuilder(tenant);
  for (const { instance, timestampMs, value } of samples) {
    const labels = Labels.fromObject({ __name__: "requests_total", instance });
    const ids = wordsOfIds(hasher.metricId(tenant, labels.metricName), hasher.seriesId(tenant, labels));
    const { metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh } = ids;
    builder.announce(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, dayOf(timestampMs), labels);
    const [low = 0, high = 0] = wordsOf(Float64Array.of(value));
    builder.addSample(metricIdLow, metricIdHigh, seriesIdLow, seriesIdHigh, timestampMs, low, high);
  }
  await bus.jetstream.publish(samplesSubject(samples.length % 2), builder.encode());
}

/** Writes, and resolves when all that was published is acknowledged. */
async function write(tenant: string, samples: readonly Sample[]): Promise<void> {
  await publish(tenant, samples);
  await acknowledged();
}

async function acknowledged(): Promise<void> {
  await eventually(async () => (await bus.manager.streams.info(SAMPLES_STREAM)).state.messages === 0, {
    intervalMs: 5,
  });
}

/** A sample every 15 s for three hours, of three instances. */
function history(): Sample[] {
  return ["a", "b", "c"].flatMap((instance, i) =>
    Array.from({ length: 720 }, (_, n) => ({ instance, timestampMs: END_MS - n * 15_000, value: (720 - n) * (i + 1) })),
  );
}

interface Question {
  readonly tenant: string;
  readonly query?: string;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly stepMs?: number;
  readonly parameters?: Record<string, string>;
  readonly headers?: Record<string, string>;
}

interface Answered {
  readonly cache: string | null;
  /** Without the JSON around it. */
  readonly data: unknown;
  readonly infos: readonly string[];
}

async function ask(question: Question): Promise<Answered> {
  const { tenant, query = "sum(rate(requests_total[5m]))", endMs = END_MS, stepMs = MINUTE_MS } = question;
  const { startMs = endMs - 60 * MINUTE_MS, parameters = {}, headers = {} } = question;
  const times = { start: String(startMs / 1000), end: String(endMs / 1000), step: String(stepMs / 1000) };
  const response = await fetch(
    `${base}/api/v1/query_range?${new URLSearchParams({ query, ...times, ...parameters }).toString()}`,
    { headers: { "X-Scope-OrgID": tenant, ...headers } },
  );
  const body = (await response.json()) as { readonly data?: unknown; readonly infos?: readonly string[] };
  expect(response.status, JSON.stringify(body)).toBe(200);
  return { cache: response.headers.get("X-Monotreme-Cache"), data: body.data, infos: body.infos ?? [] };
}

/** Asks until the answer comes from the cache alone. */
async function askUntilKept(question: Question): Promise<Answered> {
  return eventually(async () => {
    const answer = await ask(question);
    return answer.cache === "hit" ? answer : undefined;
  });
}

async function expectSameAsUncached(question: Question): Promise<void> {
  const cached = await ask(question);
  const uncached = await ask({ ...question, parameters: { nocache: "1" } });
  expect(uncached.cache).toBe("bypass");
  expect(cached.data, `${question.query} by ${cached.cache}`).toEqual(uncached.data);
}

test("result cache - a repeated query is a hit, a later one evaluates what is new, and both are what no cache gives", async () => {
  const tenant = "repeats";
  await write(tenant, history());
  expect((await ask({ tenant })).cache).toBe("miss");
  const kept = await askUntilKept({ tenant });
  expect(kept.data).toEqual((await ask({ tenant, parameters: { nocache: "1" } })).data);
  const earlier = { tenant, endMs: END_MS - 7 * MINUTE_MS };
  expect((await askUntilKept({ ...earlier, startMs: END_MS - 40 * MINUTE_MS })).data).toBeTruthy();
  expect((await ask(earlier)).cache).toBe("partial");
  await expectSameAsUncached(earlier);
});

test("result cache - who wants none gets none, and another tenant, step or phase is another key", async () => {
  const tenant = "keys";
  await write(tenant, history());
  await askUntilKept({ tenant });
  expect((await ask({ tenant, parameters: { nocache: "1" } })).cache).toBe("bypass");
  expect((await ask({ tenant, headers: { "Cache-Control": "no-store" } })).cache).toBe("bypass");
  expect((await ask({ tenant: "keys-of-another" })).cache).toBe("miss");
  expect((await ask({ tenant, stepMs: 30_000 })).cache).toBe("miss");
  expect((await ask({ tenant, startMs: END_MS - 61 * MINUTE_MS + 1 })).cache).toBe("miss");
  expect((await ask({ tenant, parameters: { lookback_delta: "1m" } })).cache).toBe("miss");
});

test("result cache - remarks are kept with the values", async () => {
  const tenant = "remarks";
  await write(tenant, history());
  const query =
    "sum(rate(requests_total[5m])) + sum(rate({__name__=~'requests_.*', instance='a'}[5m]) * 0 + delta(requests_total{instance='a'}[5m]))";
  const plain = await ask({ tenant, query, parameters: { nocache: "1" } });
  const kept = await askUntilKept({ tenant, query });
  expect([kept.data, kept.infos]).toEqual([plain.data, plain.infos]);
});

test("result cache - late samples void what they change, from their acknowledgement on", async () => {
  const tenant = "late";
  await write(tenant, history());
  let next = 0;
  for (const query of [
    "requests_total",
    "requests_total offset 20m",
    `requests_total @ ${(END_MS - 1_800_000) / 1000}`,
  ]) {
    const question = { tenant, query, startMs: END_MS - 30 * MINUTE_MS };
    const before = await askUntilKept(question);
    await write(tenant, [{ instance: "a", timestampMs: END_MS - 20 * MINUTE_MS, value: 1e6 + next++ }]);
    await write(tenant, [{ instance: "a", timestampMs: END_MS - 40 * MINUTE_MS, value: 1e6 + next++ }]);
    const after = await ask(question);
    expect(after.cache).not.toBe("hit");
    if (!query.includes("@")) expect(after.data).not.toEqual(before.data);
    await expectSameAsUncached(question);
  }
});

test("result cache - deleted series void everything of their tenant", async () => {
  const tenant = "deleted";
  await write(tenant, history());
  await askUntilKept({ tenant });
  const match = new URLSearchParams({ "match[]": 'requests_total{instance="b"}' });
  const response = await fetch(`${base}/api/v1/admin/tsdb/delete_series?${match.toString()}`, {
    method: "POST",
    headers: { "X-Scope-OrgID": tenant },
  });
  expect(response.status).toBe(204);
  expect((await ask({ tenant })).cache).toBe("miss");
  await expectSameAsUncached({ tenant });
});

test("result cache - without Redis queries are answered as ever, and an emptied one is filled again", async () => {
  const tenant = "away";
  await write(tenant, history());
  const kept = await askUntilKept({ tenant });
  await redis.halt();
  const away = await ask({ tenant });
  expect([away.cache, away.data]).toEqual(["bypass", kept.data]);
  await redis.restart();
  expect((await askUntilKept({ tenant })).data).toEqual(kept.data);
});

const QUERIES = [
  "requests_total",
  "sum(rate(requests_total[5m]))",
  "max_over_time(requests_total[7m]) - requests_total offset 11m",
  "sum by (instance) (increase(requests_total[10m:1m]))",
  `requests_total - on (instance) requests_total @ ${(END_MS - 3_000_000) / 1000}`,
  "absent(requests_total{instance='new'})",
  "time() - timestamp(requests_total)",
];

const stepArbitrary = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("ask" as const),
      query: fc.constantFrom(...QUERIES),
      back: fc.nat(40),
      span: fc.integer({ min: 1, max: 100 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("keep" as const),
      query: fc.constantFrom(...QUERIES),
      back: fc.nat(40),
      span: fc.integer({ min: 1, max: 100 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      instance: fc.constantFrom("a", "b", "new"),
      backMs: fc.nat(9_000_000),
      value: fc.nat(100_000),
    }),
  },
);

test("result cache - whatever is asked while late samples come, cached answers are what no cache gives", async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(stepArbitrary, { minLength: 6, maxLength: 14 }), async (steps) => {
      const tenant = `random-${runs++}`;
      await write(tenant, history());
      const asked: Question[] = [];
      const besides: Promise<unknown>[] = [];
      for (const step of steps) {
        if (step.kind === "write") {
          // Asked while the samples are on their way: such an answer may be of before or after, but must not stay.
          for (const question of asked) besides.push(ask(question));
          const { instance, backMs, value } = step;
          await publish(tenant, [{ instance, timestampMs: END_MS - backMs, value }]);
          for (const question of asked) besides.push(ask(question));
          await acknowledged();
        } else {
          const endMs = END_MS - step.back * MINUTE_MS;
          const question = { tenant, query: step.query, endMs, startMs: endMs - step.span * MINUTE_MS };
          asked.push(question);
          if (step.kind === "keep") await askUntilKept(question);
          else await ask(question);
        }
      }
      await Promise.all(besides);
      // A new series may be looked up half a second late, with and without a cache; what is kept stays for hours.
      await new Promise((resolve) => setTimeout(resolve, 600));
      for (const question of asked) await expectSameAsUncached(question);
    }),
    { numRuns: 12, endOnFailure: true },
  );
}, 240_000);

test("result cache - its metrics tell hits, misses, bytes and why chunks were void", async () => {
  const text = await (await fetch(`${base}/metrics`)).text();
  const valueOf = (series: string): number =>
    Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${series} `))
        ?.slice(series.length),
    );
  for (const result of ["hit", "partial", "miss", "bypass"]) {
    expect(valueOf(`monotreme_query_cache_queries_total{result="${result}"}`)).toBeGreaterThan(0);
  }
  expect(valueOf('monotreme_query_cache_bypasses_total{reason="asked"}')).toBeGreaterThan(0);
  expect(valueOf('monotreme_query_cache_invalidations_total{reason="late_samples"}')).toBeGreaterThan(0);
  expect(valueOf('monotreme_query_cache_bytes_total{direction="written"}')).toBeGreaterThan(1000);
});
