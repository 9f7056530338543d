import { describe, expect, test } from "vitest";
import { QueryQueue } from "./query-queue.ts";

const NEVER = new AbortController().signal;

describe("query queue", () => {
  test("query queue - lets the next one in when one leaves, in order", async () => {
    const queue = new QueryQueue(1, 2);
    const order: string[] = [];
    const leave = await queue.enter(NEVER);
    const second = queue.enter(NEVER).then((leaveSecond) => {
      order.push("second");
      leaveSecond();
    });
    const third = queue.enter(NEVER).then(() => order.push("third"));
    expect([queue.running, queue.queued]).toEqual([1, 2]);
    leave();
    leave();
    await Promise.all([second, third]);
    expect(order).toEqual(["second", "third"]);
    expect([queue.running, queue.queued]).toEqual([1, 0]);
  });

  test("query queue - refuses when full", async () => {
    const queue = new QueryQueue(1, 0);
    await queue.enter(NEVER);
    await expect(queue.enter(NEVER)).rejects.toMatchObject({ code: "QUERY_QUEUE_FULL", kind: "unavailable" });
  });

  test("query queue - forgets who gives up waiting", async () => {
    const queue = new QueryQueue(1, 1);
    const leave = await queue.enter(NEVER);
    const controller = new AbortController();
    const waiting = queue.enter(controller.signal);
    controller.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    expect(queue.queued).toBe(0);
    leave();
    expect(queue.running).toBe(0);
  });
});
