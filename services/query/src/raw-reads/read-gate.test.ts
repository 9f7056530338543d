import { describe, expect, test } from "vitest";
import { ReadGate } from "./read-gate.ts";

const NEVER = new AbortController().signal;

describe("read gate", () => {
  test("read gate - lets the next in when one leaves, in order", async () => {
    const gate = new ReadGate(1, 2);
    const order: number[] = [];
    const leaveFirst = await gate.enter(NEVER);
    const others = [1, 2].map(async (number) => {
      const leave = await gate.enter(NEVER);
      order.push(number);
      leave();
    });
    expect(order).toEqual([]);
    leaveFirst();
    leaveFirst();
    await Promise.all(others);
    expect(order).toEqual([1, 2]);
    (await gate.enter(NEVER))();
  });

  test("read gate - refuses what exceeds the line", async () => {
    const gate = new ReadGate(1, 0);
    await gate.enter(NEVER);
    await expect(gate.enter(NEVER)).rejects.toMatchObject({ code: "QUERY_QUEUE_FULL" });
  });

  test("read gate - who goes away frees its place in the line", async () => {
    const gate = new ReadGate(1, 1);
    const leave = await gate.enter(NEVER);
    const client = new AbortController();
    const gone = gate.enter(client.signal);
    client.abort(new Error("gone"));
    await expect(gone).rejects.toThrow("gone");
    const next = gate.enter(NEVER);
    leave();
    (await next)();
  });
});
