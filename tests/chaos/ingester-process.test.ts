import { fileURLToPath } from "node:url";
import { ClickHouse } from "@monotreme/clickhouse";
import {
  countStoredSamples,
  eventually,
  RemoteWriteSender,
  startClickHouse,
  startNats,
  startProgram,
  startStandalone,
  type TestProgram,
  type TestServer,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectExactResult } from "./exact-result.ts";
import { createSampleLoad } from "./sample-load.ts";

const MONOTREME_SCRIPT = fileURLToPath(new URL("../../tools/monotreme.mjs", import.meta.url));
const SERIES = 5_000;
const STEPS = 200;
/** The processes share streams, so what describes them must be equal. */
const STREAM_FLAGS = ["--samples.max-bytes=1GB", "--deadletter.max-bytes=16MB"];

/** Lets as many bodies through as were released. */
class Gate {
  #released = 0;
  #taken = 0;

  release(bodies: number): void {
    this.#released += bodies;
  }

  async *passing(bodies: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for (const body of bodies) {
      await eventually(() => this.#taken < this.#released, { timeoutMs: 60_000, intervalMs: 5 });
      this.#taken += 1;
      yield body;
    }
  }
}

describe("an ingester as a process of its own while 1 M samples are written", () => {
  let nats: TestServer;
  let clickhouse: TestServer;
  let standalone: TestStandalone;
  let ingester: TestProgram;

  const startIngester = async (): Promise<void> => {
    ingester = await startProgram(
      process.execPath,
      [
        MONOTREME_SCRIPT,
        "ingester",
        `--nats.url=${nats.url}`,
        `--clickhouse.url=${clickhouse.url}`,
        "--web.listen-address=127.0.0.1:0",
        "--ingester.ack-wait=2s",
        "--ingester.lease-ttl=2s",
        ...STREAM_FLAGS,
      ],
      { readyPattern: /"?ready/ },
    );
  };

  /** Merges take equal rows together; the counts are to show what was inserted. */
  const stopMerges = async (): Promise<void> => {
    const client = new ClickHouse({ url: clickhouse.url, database: "monotreme" });
    await client.command("SYSTEM STOP MERGES samples");
    await client.close();
  };

  /** Rows are there before their messages are acknowledged: a kill between the two could double them. */
  const killAfterInsert = async (_sender: RemoteWriteSender, release: () => void): Promise<void> => {
    const { rows } = await countStoredSamples(clickhouse.url);
    release();
    const isInserted = async (): Promise<boolean> => (await countStoredSamples(clickhouse.url)).rows > rows;
    await eventually(isInserted, { timeoutMs: 30_000, intervalMs: 0 });
    await ingester.stop("SIGKILL");
  };

  /** An insert that hangs while both sides of it are killed: what was acknowledged before it would be lost. */
  const killBeforeInsert = async (sender: RemoteWriteSender, release: () => void): Promise<void> => {
    process.kill(clickhouse.pid ?? 0, "SIGSTOP");
    const { answered } = sender;
    release();
    await eventually(() => sender.answered >= answered + 60, { timeoutMs: 30_000, intervalMs: 5 });
    await Promise.all([ingester.stop("SIGKILL"), clickhouse.kill()]);
    await clickhouse.restart();
    await stopMerges();
  };

  beforeAll(async () => {
    [nats, clickhouse] = await Promise.all([startNats(), startClickHouse()]);
    standalone = await startStandalone({
      args: ["--roles=gateway,query", `--nats.url=${nats.url}`, `--clickhouse.url=${clickhouse.url}`, ...STREAM_FLAGS],
    });
    await stopMerges();
    await startIngester();
  });
  afterAll(async () => {
    await ingester?.stop("SIGKILL");
    await standalone?.stop();
    await Promise.all([nats?.stop(), clickhouse?.stop()]);
  });

  test("kill -9 again and again, before an insert and after one: every sample is stored exactly once", async () => {
    const load = createSampleLoad(SERIES, STEPS);
    const kills = [killAfterInsert, killBeforeInsert, killAfterInsert, killBeforeInsert, killAfterInsert];
    const gate = new Gate();
    const shards = load.shards.map((bodies) => gate.passing(bodies));
    const sender = new RemoteWriteSender({ url: `${standalone.url}/api/v1/write`, shards });
    const sending = sender.run();
    for (const kill of kills) {
      // Each kill has a part of the load for itself, or the first ones would see it all.
      await kill(sender, () => gate.release(load.requests / kills.length));
      await startIngester();
    }
    await sending;
    expect(sender.answered).toBe(load.requests);
    await expectExactResult(standalone.url, load);
    expect(await countStoredSamples(clickhouse.url)).toEqual({ rows: load.samples, distinct: load.samples });
    expect(await ingester.stop("SIGTERM")).toBe(0);
  });
});
