import { AppError } from "@monotreme/errors";
import { createApp, type FastifyInstance } from "@monotreme/http";
import { Labels } from "@monotreme/model";
import { compressSnappy, encodeWriteRequest, encodeWriteRequestV2, type WriteSeriesV2 } from "@monotreme/remote-write";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { afterEach, describe, expect, test } from "vitest";
import { RecordingWriter } from "../write/recording-writer.ts";
import { gatewayRoutes } from "./gateway-routes.ts";

const NOW_MS = 1_750_000_000_000;
const apps: FastifyInstance[] = [];

interface Fixture {
  readonly app: FastifyInstance;
  readonly writer: RecordingWriter;
  readonly registry: Registry;
}

async function createFixture(maxBodyBytesInFlight = 1_000_000): Promise<Fixture> {
  const registry = new Registry();
  const telemetry = { registry, logger: createSilentLogger() };
  const writer = new RecordingWriter();
  const app = createApp({ telemetry, bodyLimitBytes: 100 });
  apps.push(app);
  const limits = { partitions: 1, maxCachedSeries: 1000, maxBodyBytesInFlight };
  await app.register(gatewayRoutes({ writer, telemetry, now: () => NOW_MS, ...limits }));
  return { app, writer, registry };
}

function bodyAt(timestampMs: number): Buffer {
  const series = {
    labels: Labels.fromObject({ __name__: "up" }),
    timestampsMs: [timestampMs],
    values: Float64Array.of(1),
  };
  return Buffer.from(compressSnappy(encodeWriteRequest([series])));
}

const BODY = bodyAt(NOW_MS);
const V1 = { "content-type": "application/x-protobuf", "content-encoding": "snappy" };

async function post({ app }: Fixture, payload: Buffer | undefined, headers: Record<string, string> = V1) {
  return app.inject({ method: "POST", url: "/api/v1/write", headers, ...(payload === undefined ? {} : { payload }) });
}

async function requestsWith({ registry }: Fixture, outcome: string): Promise<number | undefined> {
  const metric = await registry.getSingleMetric("monotreme_gateway_requests_total")?.get();
  return metric?.values.find((value) => value.labels["outcome"] === outcome)?.value;
}

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

describe("remote write route", () => {
  test("remote write route - answers 204 with the counts of what was written", async () => {
    const fixture = await createFixture();
    const response = await post(fixture, BODY);
    expect([response.statusCode, response.body]).toEqual([204, ""]);
    expect(response.headers).toMatchObject({
      "x-prometheus-remote-write-samples-written": "1",
      "x-prometheus-remote-write-histograms-written": "0",
      "x-prometheus-remote-write-exemplars-written": "0",
    });
    expect(await requestsWith(fixture, "stored")).toBe(1);
  });

  test.each<[contentType: string | undefined, encoding: string | undefined, status: number]>([
    [undefined, undefined, 204],
    [undefined, "snappy", 204],
    ["application/x-protobuf", undefined, 204],
    ["application/x-protobuf;proto=prometheus.WriteRequest", "snappy", 204],
    ["application/x-protobuf; proto=prometheus.WriteRequest", "snappy", 204],
    ["application/x-protobuf; charset=utf-8", "snappy", 204],
    ["application/x-protobuf;proto=some.Other", "snappy", 415],
    ["application/x-protobuf;proto", "snappy", 415],
    ["application/json", "snappy", 415],
    ["text/plain", undefined, 415],
    ["nonsense", undefined, 415],
    ["application/x-protobuf", "gzip", 415],
    ["application/x-protobuf", "zstd", 415],
    ["application/x-protobuf", "identity", 415],
  ])("remote write route - answers content type %s and encoding %s with %d", async (contentType, encoding, status) => {
    const fixture = await createFixture();
    const headers = {
      ...(contentType === undefined ? {} : { "content-type": contentType }),
      ...(encoding === undefined ? {} : { "content-encoding": encoding }),
    };
    const response = await post(fixture, BODY, headers);
    expect(response.statusCode).toBe(status);
    expect(fixture.writer.samples.length).toBe(status === 204 ? 1 : 0);
    if (status === 415) expect(await requestsWith(fixture, "unsupported")).toBe(1);
  });

  test("remote write route - takes version 2, and answers a partial write with 400, why, and what was written", async () => {
    const fixture = await createFixture();
    const headers = { ...V1, "content-type": "application/x-protobuf;proto=io.prometheus.write.v2.Request" };
    const sample = {
      labels: Labels.fromObject({ __name__: "up" }),
      timestampsMs: [NOW_MS],
      values: Float64Array.of(1),
    };
    const bodyOf = (...series: WriteSeriesV2[]): Buffer => Buffer.from(compressSnappy(encodeWriteRequestV2(series)));
    expect((await post(fixture, bodyOf(sample), headers)).statusCode).toBe(204);
    const response = await post(fixture, bodyOf(sample, { labels: sample.labels }), headers);
    expect([response.statusCode, response.body]).toEqual([400, "a series has neither samples nor histograms\n"]);
    expect(response.headers).toMatchObject({ "x-prometheus-remote-write-samples-written": "1" });
    expect(await requestsWith(fixture, "partial")).toBe(1);
    // A body of version 1 under the name of version 2.
    expect((await post(fixture, BODY, headers)).statusCode).toBe(400);
  });

  test.each<[what: string, payload: Buffer | undefined, text: string]>([
    ["no body", undefined, "snappy"],
    ["an empty body", Buffer.alloc(0), "snappy"],
    ["plain protobuf", Buffer.from([0x0a, 0x00]), "snappy"],
    ["snappy of no protobuf", Buffer.from(compressSnappy(Buffer.from("hello"))), "protobuf"],
    ["a block that claims 33 MB", Buffer.from([0x80, 0x80, 0x80 + 0x04, 0x10, 0, 0]), "are allowed"],
    ["a sample from the future", bodyAt(NOW_MS + 600_001), "out of bounds"],
  ])("remote write route - answers %s with 400 and a text", async (_, payload, text) => {
    const fixture = await createFixture();
    const response = await post(fixture, payload);
    expect(response.statusCode).toBe(400);
    expect(response.headers["content-type"]).toContain("text/plain");
    expect(response.body).toContain(text);
    expect(fixture.writer.samples).toEqual([]);
    expect(await requestsWith(fixture, "invalid")).toBe(1);
  });

  test.each(["GET", "PUT", "PATCH", "DELETE"] as const)("remote write route - answers %s with 405", async (method) => {
    const { app } = await createFixture();
    const response = await app.inject({ method, url: "/api/v1/write" });
    expect([response.statusCode, response.headers["allow"]]).toEqual([405, "POST"]);
  });

  test("remote write route - takes the tenant from X-Scope-OrgID and refuses what is none", async () => {
    const fixture = await createFixture();
    await post(fixture, BODY);
    await post(fixture, BODY, { ...V1, "X-Scope-OrgID": "team-a" });
    expect(fixture.writer.tenants).toEqual(["anonymous", "team-a"]);
    const response = await post(fixture, BODY, { ...V1, "X-Scope-OrgID": "a/b" });
    expect(response.statusCode).toBe(400);
  });

  test.each<[kind: "begin" | "commit"]>([["begin"], ["commit"]])(
    "remote write route - answers 503 with Retry-After and the reason when %s fails",
    async (at) => {
      const fixture = await createFixture();
      const fault = new AppError("BUS_FULL", "unavailable", "the stream is full");
      if (at === "begin") fixture.writer.beginFault = fault;
      else fixture.writer.commitFault = fault;
      const response = await post(fixture, BODY);
      expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "1"]);
      expect(response.body).toContain("the stream is full");
      expect(await requestsWith(fixture, "unavailable")).toBe(1);
    },
  );

  test("remote write route - answers 503 while too many bytes are in flight, and gives them back", async () => {
    const fixture = await createFixture(BODY.length);
    const responses = await Promise.all([post(fixture, BODY), post(fixture, Buffer.concat([BODY, BODY]))]);
    expect(responses.map((response) => response.statusCode)).toEqual([204, 503]);
    expect(await requestsWith(fixture, "overloaded")).toBe(1);
    expect((await post(fixture, BODY)).statusCode).toBe(204);
    expect(await fixture.registry.metrics()).toContain("monotreme_gateway_body_bytes 0\n");
  });

  test("remote write route - answers a fault of its own with 500 and tells nothing of it", async () => {
    const fixture = await createFixture();
    fixture.writer.commitFault = new Error("secret detail");
    const response = await post(fixture, BODY);
    expect([response.statusCode, response.body]).toEqual([500, "internal error\n"]);
  });
});
