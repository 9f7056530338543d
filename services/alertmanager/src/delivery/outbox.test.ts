import { describe, expect, test } from "vitest";
import { CoreFixture } from "../engine/core-fixture.ts";
import { configOf } from "../engine/routing-fixture.ts";
import type { DeliveryJob } from "./delivery-job.ts";
import { packJob, unpackJob } from "./delivery-job-codec.ts";
import type { DeliveryQueue, QueuedState } from "./delivery-queue.ts";

/** A queue that a test can take away, empty, or give to a worker. */
class FakeQueue implements DeliveryQueue {
  readonly jobs = new Map<string, DeliveryJob>();
  isAway = false;
  added = 0;

  async add(job: DeliveryJob): Promise<void> {
    if (this.isAway) throw new Error("away");
    this.added++;
    this.jobs.set(job.id, unpackJob(packJob(job)));
  }

  async stateOf(id: string): Promise<QueuedState> {
    if (this.isAway) throw new Error("away");
    return this.jobs.has(id) ? "waiting" : "missing";
  }
}

describe("outbox", () => {
  const start = async (): Promise<{ core: CoreFixture; queue: FakeQueue }> => {
    const queue = new FakeQueue();
    return { core: await CoreFixture.start(configOf({}), { queue }), queue };
  };

  test("what the queue does not take is tried again each second", async () => {
    const { core, queue } = await start();
    queue.isAway = true;
    await core.fire("A");
    await core.until(11.5);
    queue.isAway = false;
    await core.until(12.5);
    expect(queue.jobs.size).toBe(1);
    expect(core.sent).toEqual([]);
    expect((await core.metrics.delivery.queueFailures.get()).values[0]?.value).toBe(2);
  });

  test("what the queue does not take for three seconds goes past it, once", async () => {
    const { core, queue } = await start();
    queue.isAway = true;
    await core.fire("A");
    expect(await core.until(60)).toEqual(["13 default/webhook first notification: A"]);
    expect(core.outbox.size).toBe(0);
    expect((await core.metrics.delivery.directDeliveries.get()).values[0]?.value).toBe(1);
  });

  test("what vanishes from the queue is put there again", async () => {
    const { core, queue } = await start();
    await core.fire("A");
    await core.until(10.5);
    queue.jobs.clear();
    await core.until(14);
    expect(queue.jobs.size).toBe(1);
    expect(queue.added).toBe(2);
    expect((await core.metrics.delivery.jobsRebuilt.get()).values[0]?.value).toBe(1);
  });

  test("what vanishes again and again is left to the next flush", async () => {
    const { core, queue } = await start();
    await core.fire("A");
    for (let second = 11; second < 69; second++) {
      await core.until(second);
      queue.jobs.clear();
    }
    expect(queue.added).toBe(4);
    await core.until(71);
    expect(queue.added).toBe(5);
  });

  test("a queue that goes away with a job does not keep it", async () => {
    const { core, queue } = await start();
    await core.fire("A");
    await core.until(10.5);
    queue.isAway = true;
    expect(await core.until(60)).toEqual(["13 default/webhook first notification: A"]);
  });

  test("a job is over once the log has it, or the next flush", async () => {
    const { core, queue } = await start();
    await core.fire("A");
    await core.until(12);
    expect(core.outbox.size).toBe(1);
    const [job] = queue.jobs.values();
    if (job === undefined) throw new Error("no job");
    await core.direct.add(job);
    await core.until(13);
    expect(core.sent).toEqual(["12 default/webhook first notification: A"]);
    expect(core.outbox.size).toBe(0);
  });

  test("large jobs are compressed on their way", async () => {
    const { core, queue } = await start();
    for (let i = 0; i < 200; i++)
      await core.fire("A", { instance: `host-${i}` }, { annotations: { text: "x".repeat(300) } });
    await core.until(12);
    const [job] = queue.jobs.values();
    if (job === undefined) throw new Error("no job");
    const { plain, packed = "" } = packJob(job);
    expect(plain).toBeUndefined();
    expect(packed.length).toBeLessThan(JSON.stringify(job).length / 5);
    expect(unpackJob({ packed })).toEqual(job);
    expect(() => unpackJob({ plain: "{}" })).toThrow();
    expect(() => unpackJob({})).toThrow();
  });
});
