import { spawn } from "node:child_process";
import { type Bus, connectBus } from "@monotreme/bus";
import { parseFlags } from "@monotreme/config";
import { decodeAnnouncements, decodeSampleBatch, type SampleBatch, SAMPLES_STREAM } from "@monotreme/contracts";
import { GATEWAY_FLAGS, startGateway } from "@monotreme/gateway";
import { ServiceScope } from "@monotreme/lifecycle";
import { Labels } from "@monotreme/model";
import { compressSnappy, encodeWriteRequest } from "@monotreme/remote-write";
import { findFreePort } from "@monotreme/standalone";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { eventually, startNats, type TestServer } from "@monotreme/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

const NOW_MS = Date.now();

let nats: TestServer;
let bus: Bus;
const scopes: ServiceScope[] = [];

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ url: nats.url, name: "test", logger: createSilentLogger(), registry: new Registry() });
});

afterAll(async () => {
  await bus.close();
  await nats.stop();
});

beforeEach(async () => {
  // A stream of its own for each test, with the limits that the test's gateway gives it.
  const names = await bus.manager.streams.names().next();
  if (names.includes(SAMPLES_STREAM)) await bus.manager.streams.delete(SAMPLES_STREAM);
});

afterEach(async () => {
  for (const scope of scopes.splice(0)) expect(await scope.close(AbortSignal.timeout(5000))).toBe(true);
});

function argumentsFor(port: number, more: readonly string[]): string[] {
  return [`--nats.url=${nats.url}`, `--web.listen-address=127.0.0.1:${port}`, ...more];
}

async function startTestGateway(...more: string[]): Promise<string> {
  const port = await findFreePort();
  const argv = argumentsFor(port, more);
  const telemetry = { logger: createSilentLogger(), registry: new Registry() };
  const scope = new ServiceScope(telemetry, (error) => expect.unreachable(String(error)));
  scopes.push(scope);
  await startGateway(parseFlags(GATEWAY_FLAGS, { argv, environment: {} }), scope);
  return `http://127.0.0.1:${port}`;
}

/** A request of `series` series with one sample each; `value` tells requests apart. */
function bodyOf(series: number, value: number): Uint8Array {
  return compressSnappy(
    encodeWriteRequest(
      Array.from({ length: series }, (_, i) => ({
        labels: Labels.fromObject({ __name__: "m", i: String(i), pad: "x".repeat(100) }),
        timestampsMs: [NOW_MS + i],
        values: Float64Array.of(value),
      })),
    ),
  );
}

async function post(url: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/api/v1/write`, {
    method: "POST",
    body: Buffer.from(body),
    headers: { "Content-Type": "application/x-protobuf", "Content-Encoding": "snappy", ...headers },
  });
}

/** Everything that the stream holds. */
async function storedBatches(): Promise<SampleBatch[]> {
  const { state } = await bus.manager.streams.info(SAMPLES_STREAM);
  const batches: SampleBatch[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await bus.manager.streams.getMessage(SAMPLES_STREAM, { seq });
    if (message !== null) batches.push(decodeSampleBatch(message.data));
  }
  return batches;
}

/** The stored samples as text, and how often each value occurs. */
function samplesOf(batches: readonly SampleBatch[]): { keys: string[]; byValue: Map<number, number> } {
  const keys: string[] = [];
  const byValue = new Map<number, number>();
  for (const batch of batches) {
    const values = new Float64Array(batch.values.slice().buffer);
    const seriesIds = new BigUint64Array(batch.seriesIds.slice().buffer);
    const timestamps = new BigInt64Array(batch.timestamps.slice().buffer);
    for (const [i, value] of values.entries()) {
      keys.push(`${batch.tenant} ${seriesIds[i]} ${timestamps[i]} ${value}`);
      byValue.set(value, (byValue.get(value) ?? 0) + 1);
    }
  }
  return { keys, byValue };
}

describe("gateway", () => {
  test("gateway - answers 204 when the stream holds every sample, and announces each series once", async () => {
    const url = await startTestGateway("--samples.partitions=4");
    for (const value of [1, 2, 3]) {
      const response = await post(url, bodyOf(500, value));
      expect(response.status).toBe(204);
      expect(response.headers.get("x-prometheus-remote-write-samples-written")).toBe("500");
      expect(samplesOf(await storedBatches()).byValue.get(value)).toBe(500);
    }
    const announced = (await storedBatches()).flatMap((batch) => [...decodeAnnouncements(batch)]);
    expect(announced.length).toBe(500);
    expect(new Set(announced.map(({ labels }) => labels.get("i"))).size).toBe(500);
  });

  test("gateway - answers 503 while the stream is full, loses nothing that it acknowledged, and goes on", async () => {
    const url = await startTestGateway("--samples.max-bytes=512KB");
    const answers = new Map<number, number>();
    for (let value = 1; value <= 40; value++) {
      const response = await post(url, bodyOf(500, value));
      answers.set(value, response.status);
      if (response.status === 503) expect(response.headers.get("retry-after")).toBe("1");
    }
    expect(new Set(answers.values())).toEqual(new Set([204, 503]));
    const { byValue } = samplesOf(await storedBatches());
    for (const [value, status] of answers) if (status === 204) expect(byValue.get(value)).toBe(500);
    await bus.manager.streams.purge(SAMPLES_STREAM);
    expect((await post(url, bodyOf(500, 99))).status).toBe(204);
    expect(samplesOf(await storedBatches()).byValue.get(99)).toBe(500);
  });

  test("gateway - announces again what a full stream did not take", async () => {
    const url = await startTestGateway("--samples.max-bytes=16KB");
    expect((await post(url, bodyOf(500, 1))).status).toBe(503);
    await bus.manager.streams.update(SAMPLES_STREAM, { max_bytes: 1 << 20 });
    expect((await post(url, bodyOf(500, 1))).status).toBe(204);
    const announced = (await storedBatches()).reduce((sum, batch) => sum + batch.announcementCount, 0);
    expect(announced).toBe(500);
  });

  test.each<[what: string, body: () => Uint8Array, headers: Record<string, string>, status: number]>([
    ["no snappy", () => Buffer.from("hello"), {}, 400],
    ["no protobuf", () => compressSnappy(Buffer.from("hello")), {}, 400],
    ["half a message", () => compressSnappy(Uint8Array.of(0x0a, 0x20, 0x0a)), {}, 400],
    ["a body cut short", () => bodyOf(100, 1).subarray(0, 500), {}, 400],
    ["a body of 40 MB", () => new Uint8Array(40 << 20), {}, 400],
    ["a tenant that is none", () => bodyOf(1, 1), { "X-Scope-OrgID": "a/b" }, 400],
    [
      "version 1 under the name of version 2",
      () => bodyOf(1, 1),
      { "Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request" },
      400,
    ],
    ["gzip", () => bodyOf(1, 1), { "Content-Encoding": "gzip" }, 415],
  ])("gateway - refuses %s and stores nothing of it", async (_, body, headers, status) => {
    const url = await startTestGateway();
    const response = await post(url, body(), headers);
    expect(response.status).toBe(status);
    expect((await bus.manager.streams.info(SAMPLES_STREAM)).state.messages).toBe(0);
    expect((await post(url, bodyOf(1, 1))).status).toBe(204);
  });

  test("gateway - keeps tenants in batches and ids of their own", async () => {
    const url = await startTestGateway();
    for (const tenant of ["a", "b"]) await post(url, bodyOf(3, 1), { "X-Scope-OrgID": tenant });
    await post(url, bodyOf(3, 1));
    const batches = await storedBatches();
    expect(batches.map((batch) => batch.tenant)).toEqual(["a", "b", "anonymous"]);
    expect(new Set(batches.flatMap((batch) => [...new BigUint64Array(batch.seriesIds.slice().buffer)])).size).toBe(9);
  });

  test("gateway - a request sent twice stores the same samples under the same keys, also by another gateway", async () => {
    const first = await startTestGateway();
    const second = await startTestGateway();
    for (const url of [first, first, second]) expect((await post(url, bodyOf(50, 7))).status).toBe(204);
    const { keys } = samplesOf(await storedBatches());
    expect(keys.length).toBe(150);
    expect(new Set(keys).size).toBe(50);
  });

  test("gateway - answers 503 while NATS is away and stores what is sent again when it is back", async () => {
    const url = await startTestGateway();
    expect((await post(url, bodyOf(5, 1))).status).toBe(204);
    await nats.kill();
    const response = await post(url, bodyOf(5, 2));
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    await nats.restart();
    await eventually(async () => (await post(url, bodyOf(5, 3))).status === 204, { timeoutMs: 20_000 });
    // The test's own connection comes back at a time of its own.
    const { byValue } = samplesOf(await eventually(storedBatches, { timeoutMs: 20_000 }));
    expect([byValue.get(1), byValue.get(3)]).toEqual([5, 5]);
  });

  test("gateway - finishes what is in flight on SIGTERM and exits 0", async () => {
    const port = await findFreePort();
    const main = new URL("../../services/gateway/src/main.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, ["--import", "tsx", main, ...argumentsFor(port, [])], { stdio: "ignore" });
    const exitCode = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const url = `http://127.0.0.1:${port}`;
    await eventually(async () => (await fetch(`${url}/-/ready`)).ok, { timeoutMs: 30_000 });
    const acknowledged: number[] = [];
    const send = async (value: number): Promise<void> => {
      const response = await post(url, bodyOf(200, value));
      if (response.status === 204) acknowledged.push(value);
    };
    const sending = Array.from({ length: 20 }, (_, i) => send(i + 1).catch(() => undefined));
    await Promise.race(sending);
    child.kill("SIGTERM");
    await Promise.all(sending);
    expect(await exitCode).toBe(0);
    expect(acknowledged.length).toBeGreaterThan(0);
    const { byValue } = samplesOf(await storedBatches());
    for (const value of acknowledged) expect(byValue.get(value)).toBe(200);
  });
});
