import { Labels } from "@monotreme/model";
import { compressSnappy, encodeWriteRequest } from "@monotreme/remote-write";
import {
  embeddedPid,
  eventually,
  queryValue,
  RemoteWriteSender,
  startStandalone,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const SERIES_A_REQUEST = 200;
const SHARDS = 4;
const START_MS = Date.now() - 3_600_000;

describe("standalone ended and started again under write load", () => {
  let standalone: TestStandalone;
  let requests = 0;

  beforeAll(async () => {
    standalone = await startStandalone({ args: ["--ingester.ack-wait=2s"] });
  });
  afterAll(async () => {
    await standalone?.stop();
  });

  /** Requests without end, each with one sample for each series of its shard, at a time that no other has. */
  function* endlessBodies(shard: number): Generator<Uint8Array> {
    const labels = Array.from({ length: SERIES_A_REQUEST }, (_, i) =>
      Labels.fromObject({ __name__: "restart_test", shard: String(shard), i: String(i) }),
    );
    for (;;) {
      const timestampsMs = [START_MS + ++requests];
      const values = Float64Array.of(requests);
      yield compressSnappy(encodeWriteRequest(labels.map((one) => ({ labels: one, timestampsMs, values }))));
    }
  }

  /** Runs `interrupt` in the middle of a load, and checks that all of it is there once everything was answered. */
  const interruptLoad = async (interrupt: () => Promise<void>): Promise<void> => {
    const shards = Array.from({ length: SHARDS }, (_, shard) => endlessBodies(shard));
    const sender = new RemoteWriteSender({ url: `${standalone.url}/api/v1/write`, shards });
    const sending = sender.run();
    await eventually(() => sender.answered >= 40, { timeoutMs: 30_000 });
    await interrupt();
    const answered = sender.answered;
    await eventually(() => sender.answered >= answered + 40, { timeoutMs: 30_000 });
    sender.stop();
    await sending;
    await eventually(
      async () => {
        expect(await queryValue(standalone.url, "sum(count_over_time(restart_test[2h]))")).toBe(
          requests * SERIES_A_REQUEST,
        );
        return true;
      },
      { timeoutMs: 20_000 },
    );
  };

  test("restart - SIGTERM under load: exit code 0, and the second start finds everything", async () => {
    await interruptLoad(async () => {
      // Not 0 where anything had to be ended by force when the time for it was over.
      expect(await standalone.terminate(), standalone.output()).toBe(0);
      await standalone.restart();
    });
  });

  test("restart - kill -9 under load: the next start ends what was left, and finds everything", async () => {
    await interruptLoad(async () => {
      await standalone.kill();
      await standalone.restart();
    });
  });

  test("restart - a second signal ends it at once, though ClickHouse hangs; the next start finds everything", async () => {
    await interruptLoad(async () => {
      process.kill(await embeddedPid(standalone.storagePath, "clickhouse"), "SIGSTOP");
      standalone.signal("SIGTERM");
      await eventually(() => standalone.output().includes("shutting down"));
      // A repeat within half a second counts as the same signal, so it is sent until it is heeded.
      let exitCode: number | string | undefined;
      void standalone.exited().then((code) => {
        exitCode = code;
      });
      await eventually(() => {
        if (exitCode === undefined) standalone.signal("SIGTERM");
        return exitCode !== undefined;
      });
      expect(exitCode).toBe(1);
      expect(standalone.output(), "it did not wait for ClickHouse").not.toContain("msg=stopped");
      await standalone.restart();
    });
  });
});
