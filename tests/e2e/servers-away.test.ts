import { Labels } from "@monotreme/model";
import { compressSnappy, encodeWriteRequest } from "@monotreme/remote-write";
import {
  eventually,
  queryValue,
  startClickHouse,
  startNats,
  startStandalone,
  type TestServer,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const START_MS = Date.now() - 600_000;

describe("standalone while a server that it was given is away", () => {
  let nats: TestServer;
  let clickhouse: TestServer;
  let standalone: TestStandalone;
  let taken = 0;
  let sent = 0;

  beforeAll(async () => {
    [nats, clickhouse] = await Promise.all([startNats(), startClickHouse()]);
    standalone = await startStandalone({
      args: [`--nats.url=${nats.url}`, `--clickhouse.url=${clickhouse.url}`, "--samples.max-bytes=1GB"],
    });
  });
  afterAll(async () => {
    await standalone?.stop();
    await Promise.all([nats?.stop(), clickhouse?.stop()]);
  });

  const write = async (): Promise<Response> => {
    const one = {
      labels: Labels.fromObject({ __name__: "one" }),
      timestampsMs: [START_MS + ++sent],
      values: Float64Array.of(sent),
    };
    const response = await fetch(`${standalone.url}/api/v1/write`, {
      method: "POST",
      body: Buffer.from(compressSnappy(encodeWriteRequest([one]))),
      headers: { "Content-Type": "application/x-protobuf", "Content-Encoding": "snappy" },
    });
    if (response.status === 204) taken += 1;
    return response;
  };
  const stored = async (): Promise<number | undefined> => queryValue(standalone.url, "count_over_time(one[1h])");

  test("servers away - with both there, what is written is found", async () => {
    expect((await write()).status).toBe(204);
    await eventually(async () => (await stored()) === 1);
  });

  test("servers away - without ClickHouse reads say so with 503, writes are taken, and found when it is back", async () => {
    await clickhouse.kill();
    const response = await fetch(`${standalone.url}/api/v1/query?query=one`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      status: "error",
      errorType: "unavailable",
      error: expect.stringMatching(/clickhouse/i),
    });
    expect((await write()).status).toBe(204);
    await clickhouse.restart();
    await eventually(async () => (await stored()) === 2, { timeoutMs: 20_000 });
  });

  test("servers away - without NATS writes get 503 with Retry-After, reads go on, and writes are taken again", async () => {
    await nats.kill();
    const refused = await write();
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.text()).toMatch(/nats/i);
    expect(await stored()).toBe(2);
    await nats.restart();
    await eventually(async () => (await write()).status === 204, { timeoutMs: 20_000 });
    // A refused write may be stored or not; those that were taken are.
    await eventually(async () => Number(await stored()) >= taken, { timeoutMs: 20_000 });
  });
});
