import { blockHistories, type BlockRecord } from "@monotreme/storage";
import { describe, expect, test } from "vitest";
import { filterFrom, timeMsFrom } from "../routes/blocks-routes.ts";
import { type BlocksFilter, describeBlocks } from "./describe-blocks.ts";

const START_MS = Date.UTC(2026, 5, 1);
const RECORD: BlockRecord = {
  resolutionMs: 0,
  startMs: START_MS,
  generation: 3,
  state: "ready",
  inputs: [],
  series: 10,
  samples: 1000,
  bytes: 1500,
  minMs: START_MS + 1,
  maxMs: START_MS + 7_200_000,
  attempts: 0,
  holder: "compactor-1",
  reason: "",
  version: 1,
  updatedMs: START_MS + 9_000_000,
};
const NO_PLAN = { drops: [], raw: [], fiveMinutes: [], oneHour: [], lateWindows: 2, setAside: 1 };

function described(records: readonly BlockRecord[], filter: BlocksFilter = {}, running = false) {
  const state = { nowMs: START_MS, parts: [], histories: blockHistories(records), unfoldedSince: new Map() };
  const job = { resolution: "raw", startMs: START_MS, kind: "raw", startedMs: START_MS, done: 25, total: 100 };
  return describeBlocks({ state, plan: NO_PLAN, disk: new Map([[0, 700]]), running: running ? [job] : [] }, filter);
}

describe("described blocks", () => {
  test("described blocks - a ready block shows what it holds, also while a later attempt is under way", () => {
    const attempt = { ...RECORD, generation: 5, state: "building", series: 0, samples: 0, bytes: 0 } as const;
    const [ready] = described([RECORD]).blocks;
    expect(ready).toEqual({
      resolution: "raw",
      start: "2026-06-01T00:00:00.000Z",
      end: "2026-06-01T02:00:00.000Z",
      state: "ready",
      generation: 3,
      series: 10,
      samples: 1000,
      bytes: 1500,
      bytesPerSample: 1.5,
      minTime: "2026-06-01T00:00:00.001Z",
      maxTime: "2026-06-01T02:00:00.000Z",
      attempts: 0,
      reason: "",
      holder: "compactor-1",
      updated: "2026-06-01T02:30:00.000Z",
    });
    const [building] = described([RECORD, attempt], {}, true).blocks;
    expect(building).toMatchObject({ state: "building", generation: 3, samples: 1000, progress: { ratio: 0.25 } });
    // The process of that attempt died.
    expect(described([RECORD, attempt]).blocks[0]).toMatchObject({ state: "ready" });
  });

  test("described blocks - totals are of all blocks, whatever was asked for", () => {
    const old = { ...RECORD, startMs: START_MS - 7_200_000, state: "set_aside", reason: "broken" } as const;
    const answer = described([RECORD, old], { states: ["set_aside"] });
    expect(answer.blocks).toMatchObject([{ state: "set_aside", reason: "broken" }]);
    expect(answer.totals[0]).toEqual({
      resolution: "raw",
      blocks: { building: 0, ready: 1, set_aside: 1, dropped: 0 },
      samples: 1000,
      diskBytes: 700,
      diskBytesPerSample: 0.7,
    });
    expect(answer).toMatchObject({ omitted: 0, lateWindows: 2, setAside: 1 });
  });

  test("described blocks - are filtered by time and bounded from the newest on", () => {
    const records = [0, 1, 2, 3].map((number) => ({ ...RECORD, startMs: START_MS + number * 7_200_000 }));
    const f = (filter: BlocksFilter, hours: readonly number[], omitted = 0): void => {
      const answer = described(records, filter);
      expect(answer.blocks.map(({ start }) => new Date(start).getUTCHours())).toEqual(hours);
      expect(answer.omitted).toBe(omitted);
    };
    f({}, [6, 4, 2, 0]);
    f({ limit: 2 }, [6, 4], 2);
    f({ startMs: START_MS + 2.5 * 7_200_000 }, [6, 4]);
    f({ endMs: START_MS + 7_200_001 }, [2, 0]);
    f({ resolutions: ["5m"] }, []);
  });
});

describe("blocks parameters", () => {
  test("blocks parameters - are read, and refused with the words that are missing", () => {
    expect(filterFrom(new URLSearchParams("resolution=raw&resolution=1h&state=set_aside&start=10&limit=0"))).toEqual({
      resolutions: ["raw", "1h"],
      states: ["set_aside"],
      startMs: 10_000,
    });
    expect(filterFrom(new URLSearchParams(""))).toEqual({ limit: 1000 });
    for (const text of ["resolution=2m", "state=lost", "start=yesterday", "end=2026-13-01", "limit=-1", "limit=1e3"]) {
      expect(() => filterFrom(new URLSearchParams(text)), text).toThrow(/invalid parameter/);
    }
  });

  test("blocks parameters - times are RFC 3339, days, or epoch seconds", () => {
    const f = (text: string, expected: number | undefined): void => expect(timeMsFrom(text), text).toBe(expected);
    f("1780272000.5", 1_780_272_000_500);
    f("-1", -1000);
    f("2026-06-01", START_MS);
    f("2026-06-01T00:00:00", START_MS);
    f("2026-06-01T02:00:00+02:00", START_MS);
    f("2026-06-01T00:00Z", START_MS);
    f("2026-06-40", undefined);
    f("now", undefined);
    f("", undefined);
  });
});
