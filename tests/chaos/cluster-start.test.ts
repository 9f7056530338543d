import { request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findFreePort } from "@monotreme/standalone";
import {
  createTemporaryFolder,
  eventually,
  startClickHouse,
  startNats,
  startProgram,
  type TemporaryFolder,
  type TestProgram,
  type TestServer,
} from "@monotreme/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createSampleLoad } from "./sample-load.ts";

const MONOTREME = fileURLToPath(new URL("../../tools/monotreme.mjs", import.meta.url));
const WAIT = { timeoutMs: 60_000 };

let nats: TestServer;
let clickhouse: TestServer;
let folder: TemporaryFolder;
const running: TestProgram[] = [];

beforeAll(async () => {
  [nats, clickhouse, folder] = await Promise.all([startNats(), startClickHouse(), createTemporaryFolder("start")]);
});

afterEach(async () => {
  for (const program of running.splice(0)) await program.stop("SIGKILL");
});

afterAll(async () => {
  await Promise.all([nats?.stop(), clickhouse?.stop(), folder?.remove()]);
});

interface Started {
  readonly url: string;
  readonly program: TestProgram;
}

async function start(
  role: string,
  env: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<Started> {
  const address = `127.0.0.1:${await findFreePort()}`;
  const program = await startProgram(process.execPath, [MONOTREME, role, ...flags], {
    env: { MONOTREME_WEB_LISTEN_ADDRESS: address, MONOTREME_REDIS_URL: "redis://127.0.0.1:1", ...env },
  });
  running.push(program);
  return { url: `http://${address}`, program };
}

/** Status and text of a probe; undefined while nobody listens. */
async function probe(url: string, path: string): Promise<string | undefined> {
  const response = await fetch(`${url}${path}`).catch(() => undefined);
  return response === undefined ? undefined : `${response.status} ${(await response.text()).trim()}`;
}

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

test("cluster start - a role says which server it waits for, is alive and not ready, and goes on when it is there", async () => {
  for (const role of ["gateway", "query", "ingester"]) {
    const away = await startNats();
    await away.halt();
    const env = { MONOTREME_NATS_URL: away.url, MONOTREME_CLICKHOUSE_URL: clickhouse.url };
    const { url, program } = await start(role, env);
    await eventually(async () => (await probe(url, "/-/ready"))?.includes("Waiting: NATS is not available"), WAIT);
    expect(await probe(url, "/-/ready")).toContain(`503 Monotreme ${role} is not ready yet: starting.`);
    expect(await probe(url, "/-/healthy")).toBe(`200 Monotreme ${role} is Healthy.`);
    await away.restart();
    await eventually(async () => (await probe(url, "/-/ready")) === `200 Monotreme ${role} is Ready.`, WAIT);
    expect(count(program.output(), /msg=waiting /g)).toBe(1);
    expect(program.output()).toContain(new URL(away.url).host);
    expect(await program.stop()).toBe(0);
    await away.stop();
  }
});

test("cluster start - an ingester waits for ClickHouse, and ends in order while it does", async () => {
  const away = "http://127.0.0.1:1";
  const { url, program } = await start("ingester", { MONOTREME_NATS_URL: nats.url, MONOTREME_CLICKHOUSE_URL: away });
  await eventually(async () => (await probe(url, "/-/ready"))?.includes("Waiting: ClickHouse at"), WAIT);
  expect(await program.stop()).toBe(0);
  expect(count(program.output(), /msg=waiting /g)).toBe(1);
});

test("cluster start - what is missing or unknown is said, and ends the process", async () => {
  const env = { MONOTREME_NATS_URL: nats.url, MONOTREME_CLICKHOUSE_URL: clickhouse.url };
  const f = async (role: string, flag: string, text: string): Promise<void> => {
    const { program } = await start(role, env, [flag]);
    expect([await program.exited(), program.output()], flag).toEqual([1, expect.stringContaining(text)]);
  };
  const missing = join(folder.path, "missing.yml");
  await f("scraper", `--config.file=${missing}`, missing);
  await f("ruler", `--config.file=${missing}`, missing);
  await f("alertmanager", `--config.file=${missing}`, missing);
  await f("heartbeat", `--heartbeat.config.file=${missing}`, missing);
  await f("gateway", `--web.config.file=${missing}`, missing);
  await f("gateway", "--samples.partition=3", "unknown flag --samples.partition");
  await f("ingester", "--samples.partitions=0", "--samples.partitions=0: expected 1 to 1024");
});

test("cluster start - a mistyped variable is told, and one for another role is not", async () => {
  const env = { MONOTREME_SAMPELS_PARTITIONS: "3", MONOTREME_RULES_LEASE_TTL: "3s", MONOTREME_GATEWAY_PORT: "tcp://x" };
  const { url, program } = await start("gateway", { MONOTREME_NATS_URL: nats.url, ...env });
  await eventually(async () => (await probe(url, "/-/ready"))?.startsWith("200"), WAIT);
  const warning = program
    .output()
    .split("\n")
    .find((line) => line.includes("no role knows"));
  expect(warning).toContain("MONOTREME_SAMPELS_PARTITIONS (meant: MONOTREME_SAMPLES_PARTITIONS?)");
  expect(warning).not.toMatch(/LEASE_TTL|GATEWAY_PORT/);
});

test("cluster start - a gateway that ends answers what it has begun, and refuses the rest", async () => {
  const { url, program } = await start("gateway", { MONOTREME_NATS_URL: nats.url });
  await eventually(async () => (await probe(url, "/-/ready"))?.startsWith("200"), WAIT);
  const [body = new Uint8Array()] = createSampleLoad(1000, 4).shards[0] ?? [];
  const headers = { "Content-Type": "application/x-protobuf", "Content-Encoding": "snappy" };
  const length = { ...headers, "Content-Length": body.length };
  const sending = request(`${url}/api/v1/write`, { method: "POST", headers: length });
  const answered = new Promise<number | undefined>((resolve) => {
    sending.on("response", (response) => resolve(response.statusCode));
    sending.on("error", () => resolve(undefined));
  });
  // The first half of a request is on its way when the signal comes.
  await new Promise<void>((resolve) => sending.write(body.subarray(0, 100), () => resolve()));
  await eventually(async () => (await metricOf(url, "monotreme_gateway_body_bytes")) > 0, WAIT);
  process.kill(program.pid ?? 0, "SIGTERM");
  await eventually(async () => (await probe(url, "/-/ready")) === "503 Monotreme gateway is not ready: shutting down.");
  expect(await probe(url, "/-/healthy")).toBe("200 Monotreme gateway is Healthy.");
  const refused = await fetch(`${url}/api/v1/write`, { method: "POST", headers, body: Buffer.from(body) });
  expect([refused.status, refused.headers.get("connection"), refused.headers.get("retry-after")]).toEqual([
    503,
    "close",
    "1",
  ]);
  sending.end(body.subarray(100));
  expect(await answered).toBe(204);
  expect(await program.exited()).toBe(0);
});

async function metricOf(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}
