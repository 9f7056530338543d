import { readFile } from "node:fs/promises";

import { embeddedPid, eventually, startStandalone, type TestStandalone } from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const PARTS = ["nats", "redis", "clickhouse"] as const;

describe("standalone with its embedded servers", () => {
  let standalone: TestStandalone;

  beforeAll(async () => {
    standalone = await startStandalone();
  });
  afterAll(async () => {
    await standalone.stop();
  });

  test("answers queries once it printed its ready line", async () => {
    expect((await query(standalone, "1")).status).toBe(200);
  });

  test("ends in order at SIGTERM, its servers with it", async () => {
    const pids = await partPids(standalone);
    // Not 0 where anything had to be ended by force when the time for it was over.
    expect(await standalone.terminate(), standalone.output()).toBe(0);
    for (const pid of pids) expect(await isRunning(pid), `process ${pid}`).toBe(false);
    await standalone.restart();
  });

  test("starts again after kill -9 on the same data, and leaves none of the old servers", async () => {
    const pids = await partPids(standalone);
    await standalone.kill();
    await standalone.restart();
    for (const pid of pids) {
      await eventually(async () => !(await isRunning(pid)), { timeoutMs: 10_000 });
    }
    expect((await query(standalone, "1")).status).toBe(200);
  });

  test("a second one on the same data is refused with the reason, and the first goes on", async () => {
    const second = startStandalone({ args: [`--storage.path=${standalone.storagePath}`] });
    await expect(second).rejects.toThrow("is in use by process");
    expect((await query(standalone, "1")).status).toBe(200);
  });
});

async function query(standalone: TestStandalone, expression: string): Promise<Response> {
  return fetch(`${standalone.url}/api/v1/query?query=${encodeURIComponent(expression)}`);
}

async function partPids(standalone: TestStandalone): Promise<readonly number[]> {
  return Promise.all(PARTS.map(async (part) => embeddedPid(standalone.storagePath, part)));
}

/** Whether the process runs; one that ended and waits to be reaped does not. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}
