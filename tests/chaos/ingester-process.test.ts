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
const KILLS = 4;
/** The processes share streams, so what describes them must be equal. */
const STREAM_FLAGS = ["--samples.max-bytes=1GB", "--deadletter.max-bytes=16MB"];

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
        ...STREAM_FLAGS,
      ],
      { readyPattern: /"?ready/ },
    );
  };

  beforeAll(async () => {
    [nats, clickhouse] = await Promise.all([startNats(), startClickHouse()]);
    standalone = await startStandalone({
      args: ["--roles=gateway,query", `--nats.url=${nats.url}`, `--clickhouse.url=${clickhouse.url}`, ...STREAM_FLAGS],
    });
    // Merges take equal rows together; the counts are to show what was inserted.
    const client = new ClickHouse({ url: clickhouse.url, database: "monotreme" });
    await client.command("SYSTEM STOP MERGES samples");
    await client.close();
    await startIngester();
  });
  afterAll(async () => {
    await ingester?.stop("SIGKILL");
    await standalone?.stop();
    await Promise.all([nats?.stop(), clickhouse?.stop()]);
  });

  test(`kill -9, ${KILLS} times, each just when rows have been inserted: every sample is stored exactly once`, async () => {
    const load = createSampleLoad(SERIES, STEPS);
    const sender = new RemoteWriteSender({ url: `${standalone.url}/api/v1/write`, shards: load.shards });
    const sending = sender.run();
    for (let kill = 0; kill < KILLS; kill++) {
      const { rows } = await countStoredSamples(clickhouse.url);
      // Rows are there before their messages are acknowledged: between the two is where a repeat could double them.
      await eventually(async () => (await countStoredSamples(clickhouse.url)).rows > rows, {
        timeoutMs: 30_000,
        intervalMs: 0,
      });
      await ingester.stop("SIGKILL");
      await startIngester();
    }
    await sending;
    expect(sender.answered).toBe(load.requests);
    await expectExactResult(standalone.url, load);
    expect(await countStoredSamples(clickhouse.url)).toEqual({ rows: load.samples, distinct: load.samples });
    expect(await ingester.stop("SIGTERM")).toBe(0);
  });
});
