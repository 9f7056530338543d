import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { askApi, eventually, queryValue, startStandalone, type TestStandalone } from "@monotreme/testkit";
import protobuf from "protobufjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const TYPE = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

/** The part of `io/prometheus/client/metrics.proto` that this target uses. */
const MetricFamily = protobuf
  .parse(
    `syntax = "proto3";
message LabelPair { string name = 1; string value = 2; }
message Timestamp { int64 seconds = 1; int32 nanos = 2; }
message Exemplar { repeated LabelPair label = 1; double value = 2; Timestamp timestamp = 3; }
message Counter { double value = 1; Exemplar exemplar = 2; Timestamp created_timestamp = 3; }
message BucketSpan { sint32 offset = 1; uint32 length = 2; }
message Histogram { uint64 sample_count = 1; double sample_sum = 2; sint32 schema = 5; double zero_threshold = 6;
  repeated BucketSpan positive_span = 12; repeated sint64 positive_delta = 13; repeated Exemplar exemplars = 16; }
message Metric { repeated LabelPair label = 1; Counter counter = 3; Histogram histogram = 7; }
message MetricFamily { string name = 1; string help = 2; int32 type = 3; repeated Metric metric = 4; }`,
    { keepCase: true },
  )
  .root.lookupType("MetricFamily");

/** A hundred observations a scrape, evenly in the buckets (1, 2], (2, 4], (4, 8] and (8, 16]. */
function bodyOf(scrapes: number, nowSeconds: number): Buffer {
  const exemplar = { label: [{ name: "trace_id", value: "abc" }], value: 3, timestamp: { seconds: nowSeconds } };
  const histogram = {
    sample_count: scrapes * 100,
    sample_sum: scrapes * 750,
    schema: 0,
    zero_threshold: 0.001,
    positive_span: [{ offset: 1, length: 4 }],
    positive_delta: [scrapes * 25, 0, 0, 0],
    exemplars: [exemplar],
  };
  const families = [
    { name: "latency_seconds", help: "How long it takes.", type: 4, metric: [{ histogram }] },
    {
      name: "requests_total",
      type: 0,
      metric: [{ counter: { value: scrapes, exemplar, created_timestamp: { seconds: 1000 } } }],
    },
  ];
  return Buffer.concat(families.map((family) => Buffer.from(MetricFamily.encodeDelimited(family).finish())));
}

describe("a target that speaks protobuf", () => {
  let standalone: TestStandalone;
  let exporter: Server;
  let scrapes = 0;
  const accepted = new Map<string, string>();

  beforeAll(async () => {
    exporter = createServer((request, response) => {
      accepted.set(request.url ?? "", request.headers.accept ?? "");
      response.setHeader("content-type", TYPE).end(bodyOf(++scrapes, Math.floor(Date.now() / 1000)));
    });
    await new Promise<void>((resolve) => exporter.listen(0, "127.0.0.1", resolve));
    const target = `127.0.0.1:${(exporter.address() as AddressInfo).port}`;
    standalone = await startStandalone({
      args: ["--enable-feature=st-storage,use-start-timestamps,promql-experimental-functions"],
      configYaml: `
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: native
    scrape_native_histograms: true
    metrics_path: /native
    static_configs: [{targets: ["${target}"]}]
    relabel_configs: [{source_labels: [__address__], target_label: host}]
  - {job_name: text, metrics_path: /text, scrape_protocols: [PrometheusText0.0.4], static_configs: [{targets: ["${target}"]}]}
  - {job_name: classic, metrics_path: /classic, static_configs: [{targets: ["${target}"]}]}
`,
    });
  });
  afterAll(async () => {
    await standalone?.stop();
    exporter.closeAllConnections();
    exporter.close();
  });

  test("protobuf is asked for first where native histograms or start timestamps are wanted", async () => {
    await eventually(() => accepted.size === 3);
    expect(accepted.get("/native")).toMatch(/^application\/vnd\.google\.protobuf;.*q=0\.6,/);
    expect(accepted.get("/classic")).toMatch(/^application\/vnd\.google\.protobuf;.*q=0\.6,/);
    expect(accepted.get("/text")).not.toContain("protobuf");
  });

  test("what counters say of their beginning is stored", async () => {
    const start = 'start_timestamp(requests_total{job="classic"})';
    await eventually(async () => (await queryValue(standalone.url, start)) !== undefined, { timeoutMs: 30_000 });
    expect(await queryValue(standalone.url, start)).toBe(1000);
  });

  test("a native histogram is stored and answers quantiles", async () => {
    const median = 'histogram_quantile(0.5, rate(latency_seconds{job="native"}[1m]))';
    await eventually(async () => (await queryValue(standalone.url, median)) !== undefined, { timeoutMs: 30_000 });
    expect(await queryValue(standalone.url, median)).toBeCloseTo(4, 6);
    expect(await queryValue(standalone.url, 'histogram_avg(rate(latency_seconds{job="native"}[1m]))')).toBeCloseTo(
      7.5,
      6,
    );
    expect(await queryValue(standalone.url, 'count({__name__=~"latency_seconds_.+", job="native"})')).toBeUndefined();
  });

  test("without that wish only the classic form is", async () => {
    const count = 'latency_seconds_bucket{job="classic", le="+Inf"}';
    await eventually(async () => (await queryValue(standalone.url, count)) !== undefined, { timeoutMs: 30_000 });
    expect(await queryValue(standalone.url, 'count(latency_seconds{job="classic"})')).toBeUndefined();
  });

  test("the pool's configuration and its relabelling are shown", async () => {
    const { yaml } = await askApi<{ yaml: string }>(`${standalone.url}/api/v1/scrape_pools/config?scrapePool=native`);
    expect(yaml).toContain("job_name: native\n");
    expect(yaml).toContain("scrape_native_histograms: true\n");
    const labels = encodeURIComponent('{"__address__":"a:1"}');
    const url = `${standalone.url}/api/v1/targets/relabel_steps?scrapePool=native&labels=${labels}`;
    expect(await askApi<unknown>(url)).toMatchObject({
      steps: [{ rule: { targetLabel: "host", action: "replace" }, output: { host: "a:1" }, keep: true }],
    });
  });

  test("exemplars of histograms and counters are answered", async () => {
    const now = Date.now() / 1000;
    const found = async (query: string): Promise<readonly { readonly exemplars: readonly unknown[] }[]> => {
      const range = `start=${now - 600}&end=${now + 600}`;
      return askApi(`${standalone.url}/api/v1/query_exemplars?query=${encodeURIComponent(query)}&${range}`);
    };
    for (const query of ['latency_seconds{job="native"}', 'requests_total{job="native"}']) {
      await eventually(async () => (await found(query)).length > 0, { timeoutMs: 30_000 });
      const [series] = await found(query);
      expect(series?.exemplars[0]).toMatchObject({ labels: { trace_id: "abc" }, value: "3" });
    }
  });
});
