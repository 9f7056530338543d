import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { expect, test } from "vitest";
import { createIngesterMetrics } from "../metrics.ts";
import { PartitionKeeper } from "./partition-keeper.ts";

/** Lanes that end when they are told, at once where their deadline has passed. */
function createKeeper() {
  const events: string[] = [];
  const finish: (() => void)[] = [];
  let started = 0;
  let taken: (() => void) | undefined;
  const keeper = new PartitionKeeper({
    startLane: (partition, onTaken) => {
      const name = `${partition}.${++started}`;
      events.push(`+${name}`);
      taken = onTaken;
      const ended = new Promise<void>((resolve) => finish.push(resolve));
      return {
        close: async (deadline: AbortSignal) => {
          if (deadline.aborted) finish[Number(name.split(".")[1]) - 1]?.();
          await ended;
          events.push(`-${name}`);
        },
      };
    },
    onTaken: (partition) => events.push(`taken ${partition}`),
    metrics: createIngesterMetrics(new Registry()),
    logger: createSilentLogger(),
  });
  return { keeper, events, finish: (lane: number) => finish[lane - 1]?.(), tellTaken: () => taken?.() };
}

const NEVER = new AbortController().signal;
const yes = (): boolean => true;
const settle = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("partition keeper - a partition that comes back waits for the end of its last lane", async () => {
  const { keeper, events, finish } = createKeeper();
  keeper.acquired(3, yes);
  const handed = keeper.handOver(3, NEVER);
  keeper.acquired(3, yes);
  await settle();
  expect(events).toEqual(["+3.1"]);
  finish(1);
  await handed;
  await settle();
  expect(events).toEqual(["+3.1", "-3.1", "+3.2"]);
});

test("partition keeper - a partition that was lost while its last lane ended is not begun", async () => {
  const { keeper, events, finish } = createKeeper();
  keeper.acquired(3, yes);
  const handed = keeper.handOver(3, NEVER);
  keeper.acquired(3, () => false);
  finish(1);
  await handed;
  await settle();
  expect(events).toEqual(["+3.1", "-3.1"]);
});

test("partition keeper - a lost partition ends at once, also in the middle of a handing over", async () => {
  const { keeper, events } = createKeeper();
  keeper.acquired(3, yes);
  const handed = keeper.handOver(3, NEVER);
  keeper.lost(3);
  await handed;
  expect(events[1]).toBe("-3.1");
  expect(keeper.lanes.size).toBe(0);
});

test("partition keeper - close waits for lanes that end already", async () => {
  const { keeper, events, finish } = createKeeper();
  keeper.acquired(3, yes);
  keeper.acquired(4, yes);
  void keeper.handOver(3, NEVER);
  const closed = keeper.close(NEVER).then(() => events.push("closed"));
  finish(2);
  await settle();
  expect(events.includes("closed")).toBe(false);
  finish(1);
  await closed;
  expect(events.slice(2).toSorted()).toEqual(["-3.1", "-4.2", "closed"]);
});

test("partition keeper - tells when a lane found another owner", () => {
  const { keeper, events, tellTaken } = createKeeper();
  keeper.acquired(3, yes);
  tellTaken();
  expect(events).toEqual(["+3.1", "taken 3"]);
});
