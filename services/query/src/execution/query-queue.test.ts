import { describe, expect, test } from "vitest";
import { QueryQueue } from "./query-queue.ts";

const NEVER = new AbortController().signal;

function createQueue(maxRunning: number, maxQueued: number, maxRunningPerTenant = maxRunning): QueryQueue {
  return new QueryQueue({ maxRunning, maxRunningPerTenant: () => maxRunningPerTenant, maxQueued });
}

describe("query queue", () => {
  test("query queue - lets the next one in when one leaves, in order", async () => {
    const queue = createQueue(1, 2);
    const order: string[] = [];
    const leave = await queue.enter("a", NEVER);
    const second = queue.enter("a", NEVER).then((leaveSecond) => {
      order.push("second");
      leaveSecond();
    });
    const third = queue.enter("a", NEVER).then(() => order.push("third"));
    expect([queue.running, queue.queued]).toEqual([1, 2]);
    leave();
    leave();
    await Promise.all([second, third]);
    expect(order).toEqual(["second", "third"]);
    expect([queue.running, queue.queued]).toEqual([1, 0]);
  });

  test("query queue - refuses when full", async () => {
    const queue = createQueue(1, 0);
    await queue.enter("a", NEVER);
    await expect(queue.enter("a", NEVER)).rejects.toMatchObject({ code: "QUERY_QUEUE_FULL", kind: "unavailable" });
  });

  test("query queue - one tenant neither takes all places nor all of the queue", async () => {
    const queue = createQueue(3, 4, 2);
    await queue.enter("a", NEVER);
    await queue.enter("a", NEVER);
    const waiting = [1, 2, 3].map(() => queue.enter("a", NEVER));
    await expect(queue.enter("a", NEVER)).rejects.toMatchObject({ code: "QUERY_QUEUE_FULL" });
    expect([queue.running, queue.queued]).toEqual([2, 3]);
    const leave = await queue.enter("b", NEVER);
    expect(queue.running).toBe(3);
    leave();
    // The place stays free for others.
    expect([queue.running, queue.queued, waiting.length]).toEqual([2, 3, 3]);
  });

  test("query queue - tenants get their turns one after the other", async () => {
    const queue = createQueue(1, 10);
    const order: string[] = [];
    const first = await queue.enter("a", NEVER);
    const others = ["a1", "a2", "a3", "b1", "b2", "c1"].map(async (name) => {
      const leave = await queue.enter(name.slice(0, 1), NEVER);
      order.push(name);
      leave();
    });
    first();
    await Promise.all(others);
    expect(order).toEqual(["a1", "b1", "c1", "a2", "b2", "a3"]);
    expect([queue.running, queue.queued]).toEqual([0, 0]);
  });

  test("query queue - forgets who gives up waiting", async () => {
    const queue = createQueue(1, 1);
    const leave = await queue.enter("a", NEVER);
    const controller = new AbortController();
    const waiting = queue.enter("b", controller.signal);
    controller.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    expect(queue.queued).toBe(0);
    leave();
    expect(queue.running).toBe(0);
  });
});
