import { readFile, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findFreePort } from "@monotreme/standalone";
import {
  createTemporaryFolder,
  eventually,
  startNats,
  startProgram,
  startRedis,
  type TemporaryFolder,
  type TestProgram,
  type TestServer,
} from "@monotreme/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";

const MONOTREME = fileURLToPath(new URL("../../tools/monotreme.mjs", import.meta.url));
const UNKNOWN_ID = "99999999-9999-4999-8999-999999999999";
const keysSchema = z.object({ pingKey: z.string(), apiKey: z.string(), readonlyApiKey: z.string() });
const checkSchema = z.object({
  name: z.string(),
  slug: z.string(),
  uuid: z.string(),
  status: z.string(),
  n_pings: z.number(),
  grace: z.number(),
});
type ShownCheck = z.infer<typeof checkSchema>;

let nats: TestServer;
let redis: TestServer;
let folder: TemporaryFolder;
const programs: TestProgram[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis?.stop();
});
beforeEach(async () => {
  [nats, folder] = await Promise.all([startNats(), createTemporaryFolder("heartbeat")]);
});
afterEach(async () => {
  await Promise.all(programs.splice(0).map(async (program) => program.stop("SIGKILL")));
  await nats.stop();
  await folder.remove();
});

interface Heartbeat {
  readonly url: string;
  readonly program: TestProgram;
}

async function startHeartbeat(storage: string, ...flags: readonly string[]): Promise<Heartbeat> {
  const address = `127.0.0.1:${await findFreePort()}`;
  const program = await startProgram(
    process.execPath,
    [
      MONOTREME,
      "heartbeat",
      `--web.listen-address=${address}`,
      `--nats.url=${nats.url}`,
      `--redis.url=${redis.url}`,
      `--storage.path=${join(folder.path, storage)}`,
      ...flags,
    ],
    { readyPattern: /msg=ready /, startTimeoutMs: 60_000 },
  );
  programs.push(program);
  return { url: `http://${address}`, program };
}

async function ask(url: string, init: RequestInit & { readonly key?: string } = {}) {
  const { key, ...request } = init;
  const response = await fetch(url, { ...request, ...(key === undefined ? {} : { headers: { "X-Api-Key": key } }) });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

async function checksOf(url: string, key: string): Promise<readonly ShownCheck[]> {
  const { text } = await ask(`${url}/api/v3/checks/`, { key });
  return z.object({ checks: z.array(checkSchema) }).parse(JSON.parse(text)).checks;
}

describe("heartbeat with generated keys", () => {
  test("replicas share the keys, the checks and what becomes of them, over restarts; the keys stand in no log", async () => {
    const first = await startHeartbeat("one");
    const path = join(folder.path, "one", "heartbeat", "keys.json");
    const keys = keysSchema.parse(JSON.parse(await readFile(path, "utf8")));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const second = await startHeartbeat("two");

    const created = await ask(`${first.url}/ping/${keys.pingKey}/nightly?create=1`, { method: "POST", body: "done" });
    expect([created.status, created.text]).toEqual([201, "Created"]);
    const [check] = await checksOf(first.url, keys.apiKey);
    await eventually(async () =>
      expect(await checksOf(second.url, keys.apiKey)).toEqual([expect.objectContaining({ uuid: check?.uuid })]),
    );
    const body = JSON.stringify({ name: "Nightly", unique: ["slug"], slug: "nightly", grace: 120 });
    const changed = await ask(`${second.url}/api/v3/checks/`, { method: "POST", body, key: keys.apiKey });
    expect(changed.status).toBe(200);
    expect((await ask(`${second.url}/${check?.uuid}/fail`)).status).toBe(200);
    await eventually(async () =>
      expect(await checksOf(first.url, keys.apiKey)).toMatchObject([
        { name: "Nightly", status: "down", n_pings: 2, grace: 120 },
      ]),
    );

    expect(await first.program.stop()).toBe(0);
    const again = await startHeartbeat("one");
    expect(await checksOf(again.url, keys.apiKey)).toMatchObject([{ name: "Nightly", status: "down", n_pings: 2 }]);
    const output = programs.map((program) => program.output()).join("");
    for (const key of Object.values(keys)) expect(output).not.toContain(key);
    expect(output).toContain("generated keys are those of another folder");
  });

  test("the command shows the keys, whether or not a server runs", async () => {
    const show = async (storage: string): Promise<string> => {
      const args = [MONOTREME, "heartbeat", "keys", `--storage.path=${join(folder.path, storage)}`];
      const program = await startProgram(process.execPath, args);
      expect(await program.exited()).toBe(0);
      return program.output();
    };
    expect(await show("one")).toContain("no keys were generated");
    const { program } = await startHeartbeat("one");
    const shown = await show("one");
    expect(shown).toMatch(/ping key +\S{22}\nAPI key +hcw_\S{28}\nAPI key \(read\) +hcr_\S{28}\n/);
    await program.stop();
    expect(await show("one")).toBe(shown);
  });

  test("hostile requests get the right codes, and nothing of them is kept", async () => {
    const { url } = await startHeartbeat("one", "--heartbeat.ping-body-limit=1000");
    const path = join(folder.path, "one", "heartbeat", "keys.json");
    const { pingKey, apiKey, readonlyApiKey } = keysSchema.parse(JSON.parse(await readFile(path, "utf8")));
    await ask(`${url}/ping/${pingKey}/job?create=1`);
    const [check] = await checksOf(url, apiKey);
    const f = async (path: string, init: Parameters<typeof ask>[1], status: number): Promise<string> => {
      const answer = await ask(url + path, init);
      expect(answer.status, `${init?.method ?? "GET"} ${path}: ${answer.text.slice(0, 200)}`).toBe(status);
      return answer.text;
    };
    const huge = Buffer.alloc(8 * 1024 * 1024, "x");
    await f(`/ping/${check?.uuid}`, { method: "PUT", body: huge }, 200);
    await f(`/ping/${check?.uuid}`, { method: "POST", body: "x", headers: { "Content-Type": "nonsense" } }, 200);
    await f(`/ping/${check?.uuid?.toUpperCase()}`, {}, 404);
    await f(`/ping/${UNKNOWN_ID}`, { method: "POST", body: huge }, 404);
    await f(`/ping/${pingKey}/job/256`, {}, 400);
    await f(`/ping/${pingKey}/Job`, {}, 400);
    await f(`/ping/${pingKey}/job?rid=x`, {}, 400);
    await f("/ping/%ff", {}, 400);
    await f("/api/v3/checks/%00", { key: apiKey }, 404);
    await f("/api/v3/checks/", { key: apiKey, method: "POST", body: huge }, 413);
    await f("/api/v3/checks/", { key: apiKey, method: "POST", body: Buffer.from([0x7b, 0xff]) }, 400);
    await f("/api/v3/checks/", { key: apiKey, method: "POST", body: '{"name": "\\u0000"}' }, 400);
    await f("/api/v3/checks/", { key: apiKey, method: "PATCH", body: "{}" }, 405);
    await f(`/api/v3/checks/${check?.uuid}/pings`, { key: apiKey }, 503);
    await f(`/api/v3/checks/${check?.uuid}/flips`, { key: readonlyApiKey }, 503);
    await f(`/badge/${"x".repeat(2000)}/y.svg`, {}, 414);
    await f("/checks/metrics/short", {}, 400);
    const page = await f("/", {}, 200);
    for (const hidden of [check?.uuid, pingKey, apiKey]) expect(page).not.toContain(hidden);
    expect(await checksOf(url, apiKey)).toMatchObject([{ slug: "job", n_pings: 3 }]);
  });

  test("a request that breaks off in its body is no ping", async () => {
    const { url } = await startHeartbeat("one");
    const path = join(folder.path, "one", "heartbeat", "keys.json");
    const { pingKey, apiKey } = keysSchema.parse(JSON.parse(await readFile(path, "utf8")));
    await ask(`${url}/ping/${pingKey}/job?create=1`);
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
    socket.write(`POST /ping/${pingKey}/job HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf`);
    await new Promise<void>((resolve) => socket.end(() => resolve()));
    socket.destroy();
    expect((await ask(`${url}/ping/${pingKey}/job`)).status).toBe(200);
    expect(await checksOf(url, apiKey)).toMatchObject([{ n_pings: 2 }]);
  });

  test("status tells when checks cannot be changed", async () => {
    const { url } = await startHeartbeat("one");
    expect(await ask(`${url}/api/v3/status/`)).toMatchObject({ status: 200, text: "OK" });
    await nats.halt();
    await eventually(async () => expect((await ask(`${url}/api/v3/status/`)).status).toBe(503), { timeoutMs: 15_000 });
    await nats.restart();
    await eventually(async () => expect((await ask(`${url}/api/v3/status/`)).status).toBe(200), { timeoutMs: 15_000 });
  });
});

describe("heartbeat with a file", () => {
  const key = "hcw_of_the_file_0123456789abcdef";
  const head = `projects:\n- name: ours\n  ping_key: ping-key\n  api_key_file: api-key\n  checks:\n`;

  async function writeFiles(checks: string): Promise<string> {
    const path = join(folder.path, "heartbeat.yml");
    await writeFile(join(folder.path, "api-key"), `${key}\n`);
    await writeFile(path, head + checks);
    return path;
  }

  test("a restart keeps ids and states; a reload applies what changed, and keeps all where the file is broken", async () => {
    const file = await writeFiles(
      "  - {name: a, timeout: 1h}\n  - {name: b, schedule: '0 4 * * *', tz: Europe/Riga}\n",
    );
    const first = await startHeartbeat("one", `--heartbeat.config.file=${file}`);
    await ask(`${first.url}/ping/ping-key/a`);
    await ask(`${first.url}/api/v3/checks/`, { method: "POST", key, body: '{"name":"by hand","slug":"mine"}' });
    const before = await checksOf(first.url, key);
    expect(before.map(({ slug }) => slug).toSorted()).toEqual(["a", "b", "mine"]);
    await first.program.stop();

    const flags = [`--heartbeat.config.file=${file}`, "--web.enable-lifecycle"];
    const { url, program } = await startHeartbeat("one", ...flags);
    expect(await checksOf(url, key)).toEqual(before);
    await writeFiles("  - {name: a, timeout: 1h, grace: 5m}\n  - {name: c}\n");
    process.kill(program.pid ?? 0, "SIGHUP");
    await eventually(async () =>
      expect((await checksOf(url, key)).map(({ slug }) => slug).toSorted()).toEqual(["a", "c", "mine"]),
    );
    const [a] = (await checksOf(url, key)).filter(({ slug }) => slug === "a");
    expect(a).toEqual({ ...before.find(({ slug }) => slug === "a"), grace: 300 });
    await eventually(() =>
      expect(program.output()).toMatch(/check removed: the heartbeat file no longer has it.* slug=b/),
    );

    const good = await checksOf(url, key);
    await writeFiles("  - {name: a, timeout: 1h, grace: 5}\n");
    process.kill(program.pid ?? 0, "SIGHUP");
    await eventually(() => expect(program.output()).toMatch(/reload failed.*heartbeat\.yml:6:35/));
    expect(await checksOf(url, key)).toEqual(good);
    expect((await ask(`${url}/metrics`)).text).toContain("\nmonotreme_heartbeat_config_last_reload_successful 0\n");

    const newKey = key.toUpperCase();
    await writeFiles("  - {name: a, timeout: 1h, grace: 5m}\n  - {name: c}\n");
    await writeFile(join(folder.path, "api-key"), newKey);
    expect((await ask(`${url}/-/reload`, { method: "POST" })).status).toBe(200);
    expect((await ask(`${url}/api/v3/checks/`, { key: newKey })).status).toBe(200);
    expect((await ask(`${url}/api/v3/checks/`, { key })).status).toBe(401);
    expect((await checksOf(url, newKey)).map(({ uuid }) => uuid)).toEqual(good.map(({ uuid }) => uuid));
    for (const secret of [key, newKey]) expect(program.output()).not.toContain(secret);
  });

  test("a broken file ends the start, with its line", async () => {
    const file = await writeFiles("  - {name: a, timeout: never}\n");
    await expect(startHeartbeat("one", `--heartbeat.config.file=${file}`)).rejects.toThrow(
      /heartbeat\.yml:6:24: expected seconds or a duration/,
    );
    const missing = join(folder.path, "none.yml");
    await expect(startHeartbeat("one", `--heartbeat.config.file=${missing}`)).rejects.toThrow(/none\.yml: cannot read/);
  });
});
