import {
  countStoredSamples,
  embeddedClickHouseUrl,
  embeddedPid,
  eventually,
  RemoteWriteSender,
  startStandalone,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectExactResult } from "./exact-result.ts";
import { createSampleLoad } from "./sample-load.ts";

const SERIES = 5_000;
const STEPS = 200;
const PARTS = ["nats", "redis", "clickhouse"] as const;

describe("standalone while 1 M samples are written", () => {
  let standalone: TestStandalone;

  beforeEach(async () => {
    standalone = await startStandalone({ args: ["--ingester.ack-wait=2s"] });
  });
  afterEach(async () => {
    await standalone?.stop();
  });

  const killPart = async (part: (typeof PARTS)[number]): Promise<void> => {
    const pid = await embeddedPid(standalone.storagePath, part);
    process.kill(pid, "SIGKILL");
    // The next kill must meet the process that came after this one.
    await eventually(async () => (await embeddedPid(standalone.storagePath, part)) !== pid);
  };

  /** Lets ClickHouse take nothing more until the ingester must be in the middle of an insert. */
  const holdClickHouse = async (sender: RemoteWriteSender): Promise<void> => {
    process.kill(await embeddedPid(standalone.storagePath, "clickhouse"), "SIGSTOP");
    const { answered } = sender;
    await eventually(() => sender.answered >= answered + 60, { timeoutMs: 30_000, intervalMs: 5 });
  };

  /** `killsAt`: where in the load, as parts of its requests. */
  test.each<{ name: string; killsAt: readonly number[]; kill: (sender: RemoteWriteSender) => Promise<void> }>([
    { name: "ClickHouse", killsAt: [0.2, 0.4, 0.6, 0.8], kill: async () => killPart("clickhouse") },
    { name: "nats-server", killsAt: [0.25, 0.6], kill: async () => killPart("nats") },
    {
      name: "standalone itself",
      killsAt: [0.25, 0.6],
      kill: async () => {
        await standalone.kill();
        await standalone.restart();
      },
    },
    {
      name: "everything at once",
      killsAt: [0.5],
      kill: async (sender) => {
        await holdClickHouse(sender);
        const pids = await Promise.all(PARTS.map(async (part) => embeddedPid(standalone.storagePath, part)));
        // Its servers first: without it they would be told to end in order.
        for (const pid of pids) process.kill(pid, "SIGKILL");
        await standalone.kill();
        await standalone.restart();
      },
    },
  ])("kill -9 of $name under load: every sample is there exactly once", async ({ killsAt, kill }) => {
    const load = createSampleLoad(SERIES, STEPS);
    const sender = new RemoteWriteSender({ url: `${standalone.url}/api/v1/write`, shards: load.shards });
    const sending = sender.run();
    // A refused write ends the test at once; the kills need not wait for it.
    const failure = sending.then(() => new Promise<never>(() => undefined));
    const killing = (async () => {
      for (const part of killsAt) {
        await eventually(() => sender.answered >= part * load.requests, { timeoutMs: 60_000, intervalMs: 1 });
        await kill(sender);
      }
    })();
    await Promise.race([killing, failure]);
    await sending;
    expect(sender.answered).toBe(load.requests);
    await expectExactResult(standalone.url, load);
    const { distinct } = await countStoredSamples(await embeddedClickHouseUrl(standalone.storagePath));
    expect(distinct).toBe(load.samples);
  });
});
