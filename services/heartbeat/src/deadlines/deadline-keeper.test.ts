import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NEW_CHECK } from "../checks/check.ts";
import type { LoadedCheck } from "../checks/check-store.ts";
import { createHeartbeatMetrics } from "../metrics.ts";
import { DeadlineKeeper } from "./deadline-keeper.ts";

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

let looked: string[];
let asked: number[];
let isQueueAway: boolean;
let lookTakes: Promise<void>;
let keeper: DeadlineKeeper;

beforeEach(() => {
  lookTakes = Promise.resolve();
  vi.useFakeTimers({ now: START });
  looked = [];
  asked = [];
  isQueueAway = false;
  keeper = new DeadlineKeeper({
    add: async (moments) => {
      if (isQueueAway) throw new Error("away");
      asked.push(...moments.map((each) => each - START));
    },
    look: async (id) => {
      looked.push(id);
      await lookTakes;
    },
    checks: () => [],
    metrics: createHeartbeatMetrics(new Registry()),
    logger: createSilentLogger(),
    now: Date.now,
  });
});

afterEach(async () => {
  await keeper.close();
  vi.useRealTimers();
});

async function announce(afterMs: number): Promise<void> {
  const looking = keeper.cameDue(START + afterMs);
  await vi.advanceTimersByTimeAsync(10);
  await looking;
}

/** A check without grace whose next ping is expected so long after the start. */
function checkDue(id: string, dueMs: number): LoadedCheck {
  const periodMs = MINUTE;
  return {
    definition: {
      id,
      project: "p",
      name: id,
      slug: id,
      tags: [],
      description: "",
      schedule: { kind: "simple", periodMs },
      graceMs: 0,
      manualResume: false,
      postOnly: false,
      filters: {
        startKeywords: [],
        successKeywords: [],
        failureKeywords: [],
        subject: false,
        body: false,
        httpBody: false,
        defaultFail: false,
      },
      channels: [],
    },
    state: { ...NEW_CHECK, status: "up", lastPingMs: START + dueMs - periodMs },
    origin: "api",
    badgeKey: "b",
    createdMs: START,
    unsentFlips: [],
    timing: { schedule: periodMs, graceMs: 0 },
    revision: 1,
  };
}

test("deadline keeper - deadlines that lie close together are asked for once", async () => {
  for (const [id, due] of [
    ["a", 10_001],
    ["b", 10_090],
    ["c", 10_110],
  ] as const)
    keeper.watch(checkDue(id, due));
  await vi.advanceTimersByTimeAsync(10);
  expect(asked).toEqual([10_100, 10_200]);
});

test("deadline keeper - a deadline that moves away is not asked for again before the first one is over", async () => {
  keeper.watch(checkDue("a", 10_000));
  await vi.advanceTimersByTimeAsync(10);
  for (let ping = 1; ping <= 100; ping++) keeper.watch(checkDue("a", 10_000 + ping * 10));
  await vi.advanceTimersByTimeAsync(10);
  expect(asked).toEqual([10_000]);
});

test("deadline keeper - an earlier deadline, as of a run that began, is asked for at once", async () => {
  keeper.watch(checkDue("a", 10_000));
  keeper.watch(checkDue("a", 5000));
  await vi.advanceTimersByTimeAsync(10);
  expect(asked).toEqual([10_000, 5000]);
  await announce(5000);
  expect(looked).toEqual(["a"]);
  await announce(10_000);
  expect(looked).toEqual(["a"]);
});

test("deadline keeper - what the queue does not announce is looked at half a second late", async () => {
  keeper.watch(checkDue("a", 10_000));
  await vi.advanceTimersByTimeAsync(10_400);
  expect(looked).toEqual([]);
  await vi.advanceTimersByTimeAsync(300);
  expect(looked).toEqual(["a"]);
});

test("deadline keeper - a queue that is away is asked again until it takes everything", async () => {
  isQueueAway = true;
  keeper.watch(checkDue("a", 10_000));
  keeper.watch(checkDue("b", 20_000));
  await vi.advanceTimersByTimeAsync(2000);
  expect(asked).toEqual([]);
  isQueueAway = false;
  await vi.advanceTimersByTimeAsync(500);
  expect(asked).toEqual([10_000, 20_000]);
});

test("deadline keeper - a deadline that has passed is looked at at once", async () => {
  keeper.watch(checkDue("a", -5));
  await vi.advanceTimersByTimeAsync(10);
  expect(looked).toEqual(["a"]);
});

test.each([
  ["ahead by a day", 24 * 60 * MINUTE, ["a", "b"]],
  ["ahead by ten seconds", 10_000, ["a"]],
  ["back by a day", -24 * 60 * MINUTE, []],
])("deadline keeper - the clock is set %s", async (_what, byMs, expected) => {
  keeper.watch(checkDue("a", 10_000));
  keeper.watch(checkDue("b", 5 * MINUTE));
  await vi.advanceTimersByTimeAsync(1000);
  vi.setSystemTime(START + byMs);
  await vi.advanceTimersByTimeAsync(1500);
  expect(looked.toSorted()).toEqual(expected);
  vi.setSystemTime(START + 8000);
  await vi.advanceTimersByTimeAsync(4000);
  expect(looked).toContain("a");
});

test("deadline keeper - a check that is gone is not looked at", async () => {
  keeper.watch(checkDue("a", 1000));
  keeper.forget("a");
  await vi.advanceTimersByTimeAsync(5000);
  expect(looked).toEqual([]);
});

test("deadline keeper - what is overdue at a start is looked at together, though it is loaded one by one", async () => {
  let finish = (): void => undefined;
  lookTakes = new Promise((resolve) => {
    finish = resolve;
  });
  vi.setSystemTime(START + 10 * MINUTE);
  for (let i = 0; i < 50; i++) keeper.watch(checkDue(`check ${i}`, MINUTE));
  await vi.advanceTimersByTimeAsync(10);
  expect(looked).toHaveLength(50);
  expect(keeper.isLate).toBe(false);
  finish();
});
