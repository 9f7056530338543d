import { FIVE_MINUTES, ONE_HOUR, WINDOW_MS } from "@monotreme/blocks";
import { blockHistories, type BlockRecord, type SamplePart, windowInput } from "@monotreme/storage";
import { describe, expect, test } from "vitest";
import { type CatalogState, makePlan, type PlanOptions } from "./plan.ts";
import { TaskPicker } from "./pick-task.ts";
import { attemptsSoFar, retryAtMs } from "./retry.ts";

const DAY_MS = FIVE_MINUTES.blockMs;
const NOON_MS = 20_000 * DAY_MS + DAY_MS / 2;
const MINUTE_MS = 60_000;
const OPTIONS: PlanOptions = { delayMs: 30 * MINUTE_MS, lateDelayMs: 5 * MINUTE_MS, graceMs: 10 * MINUTE_MS };

function part(startMs: number, name: string, modifiedMs = startMs + WINDOW_MS): SamplePart {
  return { name: `${startMs / WINDOW_MS}_${name}`, startMs, rows: 10, bytes: 100, modifiedMs };
}

function record(startMs: number, change: Partial<BlockRecord> = {}): BlockRecord {
  return {
    resolutionMs: 0,
    startMs,
    generation: 1,
    state: "ready",
    inputs: [],
    series: 1,
    samples: 1,
    bytes: 1,
    minMs: startMs + 1,
    maxMs: startMs + 1,
    attempts: 0,
    holder: "test",
    reason: "",
    version: 1,
    updatedMs: startMs + WINDOW_MS,
    ...change,
  };
}

function state(
  nowMs: number,
  parts: readonly SamplePart[],
  records: readonly BlockRecord[],
  unfoldedSince: ReadonlyMap<number, number> = new Map(),
): CatalogState {
  return { nowMs, parts, histories: blockHistories(records), unfoldedSince };
}

function starts(due: readonly { readonly key: { readonly startMs: number } }[]): readonly number[] {
  return due.map(({ key }) => key.startMs);
}

describe("plan", () => {
  test("plan - a window is due half an hour after its end, whatever the order of its parts", () => {
    const early = part(NOON_MS, "1_1_0", NOON_MS + 1000);
    const endMs = NOON_MS + WINDOW_MS;
    const f = (nowMs: number, due: readonly number[]): void => {
      expect(starts(makePlan(state(nowMs, [part(NOON_MS, "9_9_0", endMs), early], []), OPTIONS).raw)).toEqual(due);
    };
    f(endMs, []);
    f(endMs + 30 * MINUTE_MS - 1, []);
    f(endMs + 30 * MINUTE_MS, [NOON_MS]);
  });

  test("plan - samples of the future wait for their time, those of the past for a few minutes", () => {
    const [ahead, past, beyond] = [NOON_MS + 10 * DAY_MS, -WINDOW_MS, 2 ** 60];
    const parts = [ahead, past, beyond].map((startMs) => part(startMs, "1_1_0", NOON_MS));
    const f = (afterMs: number, due: readonly number[]): void => {
      expect(starts(makePlan(state(NOON_MS + afterMs, parts, []), OPTIONS).raw)).toEqual(due);
    };
    f(5 * MINUTE_MS - 1, []);
    f(5 * MINUTE_MS, [past]);
    f(11 * DAY_MS, [past, ahead]);
  });

  test("plan - late samples are waited with from when they were first seen, though their parts are merged", () => {
    const nowMs = NOON_MS + DAY_MS;
    const folded = record(NOON_MS, { inputs: [`${NOON_MS / WINDOW_MS}_1_5_2`] });
    const merged = part(NOON_MS, "1_9_3", nowMs);
    const f = (sinceMs: number, due: readonly number[]): void => {
      const plan = makePlan(state(nowMs, [merged], [folded], new Map([[NOON_MS, sinceMs]])), OPTIONS);
      expect(starts(plan.raw)).toEqual(due);
      expect(plan.lateWindows).toBe(1);
    };
    f(nowMs - 5 * MINUTE_MS + 1, []);
    f(nowMs - 5 * MINUTE_MS, [NOON_MS]);
  });

  test("plan - parts of nothing but folded rows are no late samples, and go after the grace", () => {
    const name = (rest: string): string => `${NOON_MS / WINDOW_MS}_${rest}`;
    const updatedMs = NOON_MS + DAY_MS;
    const ready = record(NOON_MS, { inputs: [name("1_4_1"), name("5_5_0"), name("7_7_0_6")], updatedMs });
    const f = (afterMs: number, parts: readonly string[], drops: number, late: number): void => {
      const all = parts.map((rest) => part(NOON_MS, rest));
      const plan = makePlan(state(updatedMs + afterMs, all, [ready]), OPTIONS);
      expect([plan.drops.length, plan.lateWindows], parts.join()).toEqual([drops, late]);
    };
    const graceMs = 10 * MINUTE_MS;
    f(0, ["1_4_1", "5_5_0", "7_7_0_6"], 0, 0);
    f(graceMs - 1, ["1_7_2"], 0, 0);
    f(graceMs, ["1_7_2"], 1, 0);
    f(graceMs, ["1_5_2_8", "7_7_0_8"], 1, 0);
    f(graceMs, ["1_8_2"], 1, 1);
    f(graceMs, ["1_4_1", "6_6_0"], 1, 1);
    f(graceMs, ["unknown"], 1, 1);
  });

  test("plan - buckets are made of windows whose raw block is another than the one that they were made of", () => {
    const windows = [0, 1, 2].map((number) => 20_000 * DAY_MS + number * WINDOW_MS);
    const [first = 0, second = 0, third = 0] = windows;
    const raw = [record(first, { generation: 5 }), record(second, { generation: 9 }), record(third, { generation: 7 })];
    const inputs = [windowInput(first, 5), windowInput(second, 3), windowInput(first - DAY_MS, 1)];
    const day = record(20_000 * DAY_MS, { resolutionMs: FIVE_MINUTES.resolutionMs, inputs, generation: 6 });
    const plan = makePlan(state(NOON_MS, [], [...raw, day]), OPTIONS);
    expect(plan.fiveMinutes).toMatchObject([
      {
        key: { startMs: 20_000 * DAY_MS },
        remake: [
          { startMs: second, generation: 9 },
          { startMs: third, generation: 7 },
        ],
        keep: [
          { startMs: first, generation: 5 },
          { startMs: first - DAY_MS, generation: 1 },
        ],
      },
    ]);
    // Of hours those whose 5m buckets are up to date, and those whose samples are gone.
    const [hours] = plan.oneHour;
    expect(hours?.key.startMs).toBe(Math.floor((20_000 * DAY_MS) / ONE_HOUR.blockMs) * ONE_HOUR.blockMs);
    expect(hours?.remake.map(({ startMs }) => startMs)).toEqual([first - DAY_MS, first]);
  });

  test("plan - what retention dropped is made of nothing and asked for by nothing", () => {
    const dropped = record(NOON_MS, { state: "dropped", generation: 3 });
    const plan = makePlan(state(NOON_MS + DAY_MS, [], [record(NOON_MS, { generation: 2 }), dropped]), OPTIONS);
    expect([plan.raw, plan.fiveMinutes, plan.oneHour, plan.drops]).toEqual([[], [], [], []]);
  });
});

describe("retry", () => {
  const attempt = (change: Partial<BlockRecord>): BlockRecord =>
    record(NOON_MS, { state: "building", updatedMs: NOON_MS, ...change });

  test("retry - after failures in steps up to an hour, at once after the death of a process", () => {
    const f = (change: Partial<BlockRecord>, afterMs: number): void => {
      const history = blockHistories([attempt(change)]).get(`0/${NOON_MS}`);
      expect(retryAtMs(history)).toBe(afterMs === -Infinity ? -Infinity : NOON_MS + afterMs);
    };
    f({ attempts: 1, reason: "broken" }, MINUTE_MS);
    f({ attempts: 2, reason: "broken" }, 5 * MINUTE_MS);
    f({ attempts: 3, reason: "broken" }, 15 * MINUTE_MS);
    f({ attempts: 4, reason: "broken" }, 60 * MINUTE_MS);
    f({ attempts: 9, reason: "broken" }, 60 * MINUTE_MS);
    f({ attempts: 0, reason: "the lease was lost" }, 5000);
    f({ attempts: 3 }, -Infinity);
    f({ attempts: 5, state: "set_aside", reason: "broken" }, DAY_MS);
    f({ state: "ready" }, -Infinity);
  });

  test("retry - attempts are counted from the last one that went well", () => {
    const f = (records: readonly BlockRecord[], attempts: number): void =>
      expect(attemptsSoFar(blockHistories(records).get(`0/${NOON_MS}`))).toBe(attempts);
    f([], 0);
    f([attempt({ attempts: 3 })], 3);
    f([attempt({ generation: 1, attempts: 3 }), record(NOON_MS, { generation: 3 })], 0);
    f([attempt({ state: "set_aside", attempts: 5 })], 5);
  });

  test("retry - processes that died are counted since the last attempt that came to an end", () => {
    const dead = [3, 5, 7].map((generation) => attempt({ generation }));
    const f = (records: readonly BlockRecord[], abandoned: number): void =>
      expect(blockHistories(records).get(`0/${NOON_MS}`)?.abandoned).toBe(abandoned);
    f(dead, 3);
    f([...dead, attempt({ generation: 4, state: "set_aside" })], 2);
    f([...dead, record(NOON_MS, { generation: 9 })], 0);
    f([...dead, attempt({ generation: 9, reason: "broken" })], 3);
  });
});

describe("task picker", () => {
  const due = (startMs: number, resolutionMs = 0) => ({
    key: { resolutionMs, startMs },
    dueSinceMs: 0,
    retryAtMs: -Infinity,
  });
  const buckets = (startMs: number, resolutionMs: number) => ({ ...due(startMs, resolutionMs), remake: [], keep: [] });
  const nothing = { drops: [], raw: [], fiveMinutes: [], oneHour: [], lateWindows: 0, setAside: 0 };

  test("task picker - takes the oldest and the newest window in turn", () => {
    const picker = new TaskPicker();
    const plan = { ...nothing, raw: [1, 2, 3, 4].map((number) => due(number * WINDOW_MS)) };
    const done = new Set<number>();
    const order = Array.from({ length: 5 }, () => {
      const task = picker.pick(plan, 0, ({ startMs }) => !done.has(startMs));
      if (task !== undefined) done.add(task.key.startMs);
      return task === undefined ? undefined : task.key.startMs / WINDOW_MS;
    });
    expect(order).toEqual([1, 4, 2, 3, undefined]);
  });

  test("task picker - buckets come before other windows, and after all windows of their own block", () => {
    const picker = new TaskPicker();
    const [five, hour] = [FIVE_MINUTES.resolutionMs, ONE_HOUR.resolutionMs];
    const plan = {
      ...nothing,
      raw: [due(NOON_MS)],
      fiveMinutes: [buckets(20_000 * DAY_MS - DAY_MS, five), buckets(20_000 * DAY_MS, five)],
      oneHour: [buckets(0, hour)],
    };
    expect(picker.pick(plan, 0, () => true)?.key).toEqual({ resolutionMs: five, startMs: 20_000 * DAY_MS - DAY_MS });
    const isNot5m = (key: { readonly resolutionMs: number }): boolean => key.resolutionMs !== five;
    expect(picker.pick(plan, 0, isNot5m)?.key).toEqual({ resolutionMs: hour, startMs: 0 });
    const isRaw = (key: { readonly resolutionMs: number }): boolean => key.resolutionMs === 0;
    expect(picker.pick(plan, 0, isRaw)?.key).toEqual({ resolutionMs: 0, startMs: NOON_MS });
  });

  test("task picker - a block that failed lately holds up neither others nor the buckets of its day", () => {
    const picker = new TaskPicker();
    const failed = { ...due(NOON_MS), retryAtMs: 100 };
    const plan = { ...nothing, raw: [failed], fiveMinutes: [buckets(20_000 * DAY_MS, FIVE_MINUTES.resolutionMs)] };
    expect(picker.pick(plan, 99, () => true)?.kind).toBe("buckets");
    expect(picker.pick(plan, 100, () => true)?.kind).toBe("raw");
  });
});
