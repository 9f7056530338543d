import { lateKeyOf, SETTLED_AFTER_MS } from "@monotreme/contracts";
import { Labels } from "@monotreme/model";
import { parseExpression } from "@monotreme/promql";
import { Registry } from "@monotreme/telemetry";
import { expect, test } from "vitest";
import { createCacheMetrics } from "./cache-metrics.ts";
import { LateIndex } from "./late-index.ts";
import { type CachedAnswer, type EvaluatedSteps, ResultCache } from "./result-cache.ts";
import { stepOf } from "./step-matrix.ts";

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2026, 5, 1, 12);
const OLD_MS = NOW_MS - 5 * 60 * MINUTE_MS;

/** A cache over a store and a bucket in memory; each evaluation gives every step the number of the evaluation. */
function createCache() {
  const registry = new Registry();
  const kept = new Map<string, Buffer>();
  const state = { nowMs: NOW_MS, revision: 1, epoch: "first", isKnown: true, remarks: [] as string[], isLarge: false };
  const index = new LateIndex(() => state.nowMs);
  const evaluated: string[] = [];
  const cache = new ResultCache({
    store: {
      get: async (keys) => keys.map((key) => kept.get(key) ?? null),
      set: async (key, bytes) => {
        kept.set(key, bytes);
        return "stored";
      },
    },
    late: {
      current: async () => (state.isKnown ? { epoch: state.epoch, revision: state.revision, index } : undefined),
    },
    metrics: createCacheMetrics(registry),
    ttlMs: 60 * MINUTE_MS,
    now: () => state.nowMs,
  });
  const ask = async (fromMs: number, untilMs: number, text = "x"): Promise<CachedAnswer | undefined> =>
    cache.answer(
      {
        tenant: "t",
        text,
        expression: parseExpression(text),
        range: { startMs: fromMs, endMs: untilMs, stepMs: MINUTE_MS },
        plan: { lookbackMs: 5 * MINUTE_MS, defaultSubqueryStepMs: MINUTE_MS },
        language: {},
      },
      async (range, { grid }): Promise<EvaluatedSteps | undefined> => {
        evaluated.push(`${(range.startMs - OLD_MS) / MINUTE_MS}..${(range.endMs - OLD_MS) / MINUTE_MS}`);
        if (state.isLarge) return undefined;
        const firstStep = stepOf(grid, range.startMs);
        const count = stepOf(grid, range.endMs) - firstStep + 1;
        const values = new Float64Array(count).fill(evaluated.length);
        const series = [{ labels: Labels.EMPTY, values, present: undefined }];
        return { matrix: { firstStep, count, series }, resolutionMs: 0, warnings: [], infos: state.remarks };
      },
    );
  /** A late sample was announced, and heard of long ago. */
  const announce = (timestampMs: number): void => {
    index.add(lateKeyOf("t", timestampMs, NOW_MS), ++state.revision, state.nowMs);
    const entry = index.latestIn("t", { fromMs: timestampMs, untilMs: timestampMs });
    if (entry !== undefined) Object.assign(entry, { heardMs: entry.heardMs - 10_000 });
  };
  const count = async (metric: string, label: string): Promise<number> => {
    const found = (await registry.getSingleMetric(`monotreme_query_cache_${metric}_total`)?.get())?.values ?? [];
    return found.find(({ labels }) => Object.values(labels).includes(label))?.value ?? Number.NaN;
  };
  return { ask, announce, state, evaluated, kept, count, index };
}

const hourFrom = (minute: number): [number, number] => [
  OLD_MS + minute * MINUTE_MS,
  OLD_MS + (minute + 60) * MINUTE_MS,
];

/** Within one chunk. */
const ONE_CHUNK = [OLD_MS, OLD_MS + 50 * MINUTE_MS] as const;

test("result cache - asks only for what it has not", async () => {
  const { ask, evaluated } = createCache();
  expect((await ask(...hourFrom(0)))?.result).toBe("miss");
  expect((await ask(...hourFrom(0)))?.result).toBe("hit");
  expect((await ask(...hourFrom(2)))?.result).toBe("partial");
  expect((await ask(...hourFrom(-3)))?.result).toBe("partial");
  expect(evaluated).toEqual(["0..60", "61..62", "-3..-1"]);
  const all = await ask(OLD_MS - 3 * MINUTE_MS, OLD_MS + 62 * MINUTE_MS);
  const ofFirst = Array.from({ length: 61 }, () => 1);
  expect([all?.result, ...(all?.matrix.series[0]?.values ?? [])]).toEqual(["hit", 3, 3, 3, ...ofFirst, 2, 2]);
});

test("result cache - the last minutes are evaluated each time", async () => {
  const { ask, evaluated } = createCache();
  for (let i = 0; i < 2; i++) await ask(NOW_MS - 30 * MINUTE_MS, NOW_MS);
  const settled = (NOW_MS - SETTLED_AFTER_MS - OLD_MS) / MINUTE_MS;
  expect(evaluated).toEqual(["270..300", `${settled + 1}..300`]);
});

test("result cache - a late sample voids the chunks that depend on it, and no others", async () => {
  const { ask, announce, count } = createCache();
  await ask(OLD_MS, OLD_MS + 200 * MINUTE_MS);
  announce(OLD_MS + 250 * MINUTE_MS);
  expect((await ask(...hourFrom(0)))?.result).toBe("hit");
  announce(OLD_MS + 30 * MINUTE_MS);
  const after = await ask(OLD_MS, OLD_MS + 200 * MINUTE_MS);
  expect([after?.result, await count("invalidations", "late_samples")]).toEqual(["partial", 1]);
  expect((await ask(OLD_MS, OLD_MS + 200 * MINUTE_MS))?.result).toBe("hit");
});

test("result cache - nothing is kept that a sample heard of just now might change", async () => {
  const { ask, state, index, count } = createCache();
  index.add(lateKeyOf("t", OLD_MS + 30 * MINUTE_MS, NOW_MS), ++state.revision, NOW_MS);
  await ask(...ONE_CHUNK);
  expect([(await ask(...ONE_CHUNK))?.result, await count("stores", "unsettled")]).toEqual(["miss", 2]);
});

test("result cache - a sample announced during the evaluation voids what was evaluated", async () => {
  const { ask, announce, state } = createCache();
  const asking = ask(...ONE_CHUNK);
  announce(OLD_MS + 30 * MINUTE_MS);
  state.revision--;
  await asking;
  state.revision++;
  expect((await ask(...ONE_CHUNK))?.result).toBe("miss");
});

test("result cache - a new bucket, time and unreadable bytes void everything", async () => {
  const { ask, state, kept, count } = createCache();
  await ask(...hourFrom(0));
  state.epoch = "second";
  expect((await ask(...hourFrom(0)))?.result).toBe("miss");
  state.nowMs += 61 * MINUTE_MS;
  expect((await ask(...hourFrom(0)))?.result).toBe("miss");
  for (const key of kept.keys()) kept.set(key, Buffer.from("?"));
  expect((await ask(...hourFrom(0)))?.result).toBe("miss");
  for (const reason of ["other_epoch", "expired", "unreadable"]) {
    expect(await count("invalidations", reason), reason).toBeGreaterThan(0);
  }
});

test("result cache - remarks go with the values, for the same text only, unless they are about the range", async () => {
  const { ask, state, count } = createCache();
  state.remarks = ["PromQL info: x (1:1)"];
  await ask(...hourFrom(0));
  expect(await ask(...hourFrom(0))).toMatchObject({ result: "hit", infos: state.remarks });
  expect((await ask(...hourFrom(0), " x"))?.result).toBe("miss");
  expect(await count("invalidations", "other_text")).toBeGreaterThan(0);
  state.remarks = ["PromQL info: input to histogram_quantile needed to be fixed for monotonicity"];
  await ask(...hourFrom(0), "y");
  expect((await ask(...hourFrom(0), "y"))?.result).toBe("miss");
});

test("result cache - does not help where late samples are unknown or results are large", async () => {
  const { ask, state, evaluated, count } = createCache();
  state.isKnown = false;
  expect(await ask(...hourFrom(0))).toBeUndefined();
  expect([evaluated.length, await count("bypasses", "unavailable")]).toEqual([0, 1]);
  state.isKnown = true;
  state.isLarge = true;
  expect([await ask(...hourFrom(0)), await ask(...hourFrom(0))]).toEqual([undefined, undefined]);
  expect([evaluated.length, await count("bypasses", "large")]).toEqual([1, 2]);
});
