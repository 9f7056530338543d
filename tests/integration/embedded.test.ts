import { once } from "node:events";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";

import {
  type EmbeddedServer,
  type EmbeddedServerOptions,
  type ProcessLogger,
  startEmbeddedClickHouse,
  startEmbeddedNats,
  startEmbeddedParts,
  startEmbeddedRedis,
} from "@monotreme/standalone";
import { createTemporaryFolder, eventually, type TemporaryFolder } from "@monotreme/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const logger: ProcessLogger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await createTemporaryFolder("embedded");
});
afterEach(async () => {
  await folder.remove();
});

describe("embedded clickhouse", () => {
  test("a table survives kill -9, on the same port", async () => {
    await withServer(startEmbeddedClickHouse, async (server) => {
      await sql(server, "CREATE DATABASE kept ENGINE = Atomic");
      await sql(server, "CREATE TABLE kept.t (n UInt64) ENGINE = MergeTree ORDER BY n");
      await sql(server, "INSERT INTO kept.t SELECT number FROM system.numbers LIMIT 100000");
      await killAndAwaitRestart(server);
      expect(await sql(server, "SELECT sum(n) FROM kept.t")).toBe("4999950000\n");
    });
  });

  test("a second start finds the data after an orderly stop", async () => {
    await withServer(startEmbeddedClickHouse, async (server) => {
      await sql(server, "CREATE DATABASE kept ENGINE = Atomic");
      await sql(server, "CREATE TABLE kept.t (n UInt64) ENGINE = MergeTree ORDER BY n");
      await sql(server, "INSERT INTO kept.t VALUES (7)");
      // No force: it has to end by itself.
      await server.close(new AbortController().signal);
    });
    await withServer(startEmbeddedClickHouse, async (server) => {
      expect(await sql(server, "SELECT n FROM kept.t")).toBe("7\n");
    });
  });

  test("parts are merged in the background", async () => {
    await withServer(startEmbeddedClickHouse, async (server) => {
      await sql(server, "CREATE DATABASE merged ENGINE = Atomic");
      await sql(server, "CREATE TABLE merged.t (n UInt64) ENGINE = MergeTree ORDER BY n");
      for (let part = 0; part < 12; part++) await sql(server, `INSERT INTO merged.t VALUES (${part})`);
      const activeParts = "SELECT count() FROM system.parts WHERE database = 'merged' AND active";
      await eventually(async () => Number(await sql(server, activeParts)) < 6, { timeoutMs: 30_000 });
      expect(await sql(server, "SELECT count() FROM merged.t")).toBe("12\n");
    });
  });

  test("without the password no data and no file can be read", async () => {
    await withServer(startEmbeddedClickHouse, async (server) => {
      await sql(server, "CREATE DATABASE secret ENGINE = Atomic");
      await sql(server, "CREATE TABLE secret.t (n UInt64) ENGINE = MergeTree ORDER BY n");
      const open = `http://127.0.0.1:${server.port}`;
      for (const query of [
        "SELECT * FROM secret.t",
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "CREATE DATABASE x ENGINE = Atomic",
        "DROP DATABASE secret",
      ]) {
        const response = await fetch(open, { method: "POST", body: query });
        expect(await response.text(), query).toContain("ACCESS_DENIED");
      }
      const wrong = new URL(server.url);
      wrong.password = "wrong";
      await expect(sqlAt(wrong.href, "SELECT 1")).rejects.toThrow("AUTHENTICATION_FAILED");
    });
  });

  test("its caches and its memory are bounded by the configuration", async () => {
    await withServer(startEmbeddedClickHouse, async (server) => {
      const setting = async (name: string): Promise<number> =>
        Number(await sql(server, `SELECT value FROM system.server_settings WHERE name = '${name}'`));
      expect(await setting("mark_cache_size")).toBe(32 * 1024 ** 2);
      expect(await setting("primary_index_cache_size")).toBe(32 * 1024 ** 2);
      expect(await setting("max_server_memory_usage_to_ram_ratio")).toBe(0.5);
    });
  });
});

describe("embedded redis", () => {
  test("a key survives kill -9, on the same port", async () => {
    await withServer(startEmbeddedRedis, async (server) => {
      expect(await redis(server, "SET", "kept", "yes")).toContain("+OK");
      await killAndAwaitRestart(server);
      expect(await redis(server, "GET", "kept")).toContain("yes");
    });
  });

  test("without the password nothing is answered", async () => {
    await withServer(startEmbeddedRedis, async (server) => {
      expect(await say(server.port, "GET kept\r\n")).toContain("-NOAUTH");
    });
  });
});

describe("embedded nats", () => {
  test("a message of a file stream survives kill -9, on the same port", async () => {
    await withServer(startEmbeddedNats, async (server) => {
      const create = JSON.stringify({ name: "KEPT", subjects: ["kept.*"], storage: "file", retention: "limits" });
      expect(await request(server, "$JS.API.STREAM.CREATE.KEPT", create)).toContain('"name":"KEPT"');
      expect(await request(server, "kept.one", "hello")).toContain('"seq":1');
      await killAndAwaitRestart(server);
      expect(await request(server, "$JS.API.STREAM.INFO.KEPT", "")).toContain('"messages":1');
    });
  });

  test("a message of eight megabytes is taken", async () => {
    await withServer(startEmbeddedNats, async (server) => {
      expect(await say(server.port, "")).toContain('"max_payload":8388608');
    });
  });
});

describe("embedded servers", () => {
  test("a stale note of a process does not matter, even when its process id is in use by another", async () => {
    const record = (pid: number): string =>
      JSON.stringify({ owner: { pid, identity: "gone" }, child: { pid: process.pid, identity: "gone" } });
    for (const text of [record(process.pid), record(1_000_000_000), "{", '{"owner":{"pid":-1,"identity":""}}']) {
      await writeFile(join(folder.path, "monotreme-process.json"), text);
      await withServer(startEmbeddedRedis, async (server) => {
        expect(await redis(server, "PING")).toContain("+PONG");
      });
    }
  });

  test("a folder in use is refused and its server goes on", async () => {
    await withServer(startEmbeddedRedis, async (server) => {
      const second = startEmbeddedRedis({ dataPath: folder.path, logger });
      await expect(second).rejects.toMatchObject({ code: "EMBEDDED_DATA_IN_USE", kind: "conflict" });
      expect(await redis(server, "PING")).toContain("+PONG");
      // The refused start must not have touched the first one's configuration either.
      await killAndAwaitRestart(server);
      expect(await redis(server, "PING")).toContain("+PONG");
    });
  });

  test("a port in use is an error with the server's own words", async () => {
    await withServer(startEmbeddedRedis, async (server) => {
      const second = startEmbeddedRedis({ dataPath: join(folder.path, "second"), port: server.port, logger });
      await expect(second).rejects.toMatchObject({
        code: "EMBEDDED_START_FAILED",
        message: expect.stringContaining("already in use"),
      });
    });
  });

  test("two sets on two folders do not collide, and restarts are told by part", async () => {
    const which = ["nats", "redis", "clickhouse"] as const;
    const restarted: string[] = [];
    const onRestart = (part: string): void => void restarted.push(part);
    const first = await startEmbeddedParts({ storagePath: join(folder.path, "a"), which, logger, onRestart });
    const second = await startEmbeddedParts({ storagePath: join(folder.path, "b"), which, logger });
    const ports = [first, second].flatMap((parts) => Object.values(parts.servers).map((server) => server.port));
    expect(new Set(ports).size).toBe(6);
    if (first.servers.nats !== undefined) await killAndAwaitRestart(first.servers.nats);
    expect(restarted).toEqual(["nats"]);
    await Promise.all([first.close(AbortSignal.timeout(5_000)), second.close(AbortSignal.timeout(5_000))]);
    for (const port of ports) await expect(say(port, ""), `port ${port}`).rejects.toThrow();
  });

  test("a killed owner leaves no server behind, and a new start finds all data", async () => {
    const script = join(folder.path, "owner.mts");
    const embedded = new URL("../../services/standalone/src/index.ts", import.meta.url).href;
    await writeFile(script, OWNER_SCRIPT.replace("EMBEDDED", embedded));
    const owner = execFile(process.execPath, ["--import", import.meta.resolve("tsx"), script, folder.path]);
    const noted = join(folder.path, "clickhouse", "monotreme-process.json");
    const record: unknown = await eventually(async () => JSON.parse(await readFile(noted, "utf8")), {
      timeoutMs: 30_000,
    });
    expect(record).toMatchObject({ owner: { pid: owner.pid } });
    await eventually(async () => readFile(join(folder.path, "up"), "utf8"), { timeoutMs: 30_000 });
    const isGone = once(owner, "exit");
    owner.kill("SIGKILL");
    await isGone;
    const parts = await startEmbeddedParts({
      storagePath: folder.path,
      which: ["nats", "redis", "clickhouse"],
      logger,
    });
    try {
      if (parts.servers.clickhouse === undefined) throw new Error("clickhouse did not start");
      expect(await sql(parts.servers.clickhouse, "SELECT name FROM system.databases WHERE name = 'kept'")).toBe(
        "kept\n",
      );
      expect(record).not.toMatchObject({ child: { pid: parts.servers.clickhouse.process.pid } });
    } finally {
      await parts.close(AbortSignal.timeout(5_000));
    }
  });
});

const OWNER_SCRIPT = `
import { writeFileSync } from "node:fs";
import { startEmbeddedParts } from "EMBEDDED";
const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const storagePath = process.argv[2] ?? "";
const parts = await startEmbeddedParts({ storagePath, which: ["nats", "redis", "clickhouse"], logger });
const url = new URL(parts.servers.clickhouse?.url ?? "");
const authorization = "Basic " + Buffer.from(url.username + ":" + url.password).toString("base64");
await fetch(url.origin, { method: "POST", body: "CREATE DATABASE kept ENGINE = Atomic", headers: { authorization } });
writeFileSync(storagePath + "/up", "yes");
`;

function ignore(): void {
  // These tests look at what the servers do, not at what is logged.
}

async function withServer(
  start: (options: EmbeddedServerOptions) => Promise<EmbeddedServer>,
  use: (server: EmbeddedServer) => Promise<void>,
): Promise<void> {
  const server = await start({ dataPath: folder.path, logger });
  try {
    await use(server);
  } finally {
    await server.close(AbortSignal.timeout(5_000));
  }
}

async function killAndAwaitRestart(server: EmbeddedServer): Promise<void> {
  const pid = server.process.pid;
  if (pid === undefined) throw new Error("the server does not run");
  const restarts = server.process.restarts;
  process.kill(pid, "SIGKILL");
  await eventually(() => server.process.restarts === restarts + 1 && server.process.isReady, { timeoutMs: 30_000 });
  expect(server.process.pid).not.toBe(pid);
}

async function sql(server: EmbeddedServer, query: string): Promise<string> {
  return sqlAt(server.url, query);
}

async function sqlAt(url: string, query: string): Promise<string> {
  const { origin, username, password } = new URL(url);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const response = await fetch(origin, { method: "POST", body: query, headers: { authorization } });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

async function redis(server: EmbeddedServer, ...command: readonly string[]): Promise<string> {
  const password = new URL(server.url).password;
  return say(server.port, `AUTH ${password}\r\n${command.join(" ")}\r\n`, (answer) => answer.split("\r\n").length > 2);
}

/** One JetStream request in NATS' own protocol: enough for a stream and a message, without a client library. */
async function request(server: EmbeddedServer, subject: string, payload: string): Promise<string> {
  const hello = `CONNECT {"verbose":false}\r\nSUB answer 1\r\nPUB ${subject} answer ${payload.length}\r\n${payload}\r\n`;
  return say(server.port, hello, (answer) => /MSG answer 1 +\d+\r\n.*\r\n/.test(answer));
}

/** Writes `text` to the port and resolves to the answer as soon as `complete` holds (a first line, when not given). */
async function say(
  port: number,
  text: string,
  complete: (answer: string) => boolean = (answer) => answer.includes("\r\n"),
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port }, () => socket.write(text));
    let answer = "";
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer but ${answer}`)));
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      answer += chunk.toString("utf8");
      if (!complete(answer)) return;
      socket.destroy();
      resolve(answer);
    });
  });
}
