import { Labels } from "@monotreme/model";
import { describe, expect, test } from "vitest";
import { parseExpression } from "../parser/parse-expression.ts";
import { MemorySource } from "../testing/memory-source.ts";
import type { NativeHistogram } from "../value.ts";
import { Engine, type QueryLimits } from "./engine.ts";
import { histogramSize } from "./histogram-size.ts";
import type { QueryRange } from "./plan-query.ts";

const HISTOGRAM: NativeHistogram = {
  schema: 0,
  counterResetHint: "unknown",
  zeroThreshold: 0,
  zeroCount: 0,
  count: 100,
  sum: 1,
  positiveOffset: 0,
  positiveBuckets: Array.from({ length: 100 }, () => 1),
  negativeOffset: 0,
  negativeBuckets: [],
  customBounds: [],
};

const SOURCE = new MemorySource();
SOURCE.append(Labels.fromObject({ __name__: "h" }), [
  { timestampMs: 0, value: HISTOGRAM },
  { timestampMs: 1000, value: HISTOGRAM },
]);
for (let series = 0; series < 20; series++) {
  const samples = Array.from({ length: 2000 }, (_, i) => ({ timestampMs: i * 1000, value: (i * 7) % 100 }));
  SOURCE.append(Labels.fromObject({ __name__: "x", series: `${series}` }), samples);
}

function run(query: string, range: QueryRange, limits: QueryLimits): Promise<unknown> {
  const expression = parseExpression(query, { experimentalFunctions: true, extendedRangeSelectors: true });
  return new Engine().query(SOURCE, expression, range, { text: query, ...limits });
}

const INSTANT = { startMs: 1_999_000, endMs: 1_999_000, stepMs: 0 };
const EVERY_SECOND = { startMs: 0, endMs: 1_999_000, stepMs: 1000 };

describe("sample budget", () => {
  test("sample budget - native histograms count by their buckets", async () => {
    expect(histogramSize({ ...HISTOGRAM, positiveBuckets: [] })).toBe(11);
    expect(histogramSize(HISTOGRAM)).toBe(61);
    const at = { startMs: 1000, endMs: 1000, stepMs: 0 };
    await expect(run("h[5s]", at, { maxSamples: 121 })).rejects.toThrow("too many samples");
    await expect(run("h[5s]", at, { maxSamples: 122 })).resolves.toBeDefined();
  });

  test("sample budget - subqueries of too many steps are refused before anything is read", async () => {
    const select = (): Promise<never> => Promise.reject(new Error("was read"));
    for (const query of ["max_over_time(x[100y:1ms])", "sum_over_time(rate(x[5m])[30d:1ms])"]) {
      const running = new Engine().query({ select }, parseExpression(query), INSTANT);
      await expect(running).rejects.toMatchObject({ code: "QUERY_TOO_MANY_SAMPLES" });
    }
  });

  test("sample budget - subqueries of many steps and series hit the limit, not the clock", async () => {
    const startMs = performance.now();
    const running = run("max_over_time(x[30m:1ms])", EVERY_SECOND, { maxSamples: 5_000_000 });
    await expect(running).rejects.toMatchObject({ code: "QUERY_TOO_MANY_SAMPLES" });
    expect(performance.now() - startMs).toBeLessThan(4000);
  });
});

for (let series = 0; series < 150; series++) {
  const samples = Array.from({ length: 2000 }, (_, i) => ({ timestampMs: i * 1000, value: i % 10 }));
  SOURCE.append(Labels.fromObject({ __name__: "wide", series: `${series}` }), samples);
}

/** How often a query looks whether it has to stop. */
async function looksOf(query: string): Promise<number> {
  let looks = 0;
  const { signal } = new AbortController();
  Object.defineProperty(signal, "aborted", {
    get: () => {
      looks++;
      return false;
    },
  });
  await run(query, EVERY_SECOND, { signal });
  return looks;
}

describe("sample budget - looks at signal and clock", () => {
  test.each([
    "sum_over_time(x[30m])",
    "stddev_over_time(x[30m])",
    "mad_over_time(x[30m])",
    "predict_linear(x[30m], 60)",
    "double_exponential_smoothing(x[30m], 0.5, 0.5)",
    "increase(x[30m] anchored)",
    "increase(x[30m] smoothed)",
  ])("sample budget - %s looks while it goes through its windows", async (query) => {
    expect(await looksOf(query)).toBeGreaterThan(300);
  });

  test("sample budget - a query stops at the first look that says so", async () => {
    let looks = 0;
    const { signal } = new AbortController();
    Object.defineProperty(signal, "aborted", { get: () => ++looks > 100 });
    const stopped = run("sum_over_time(x[30m])", EVERY_SECOND, { signal });
    await expect(stopped).rejects.toMatchObject({ code: "QUERY_CANCELED" });
    expect(looks).toBe(101);
  });

  // Reading and selecting one selector takes 14 looks, selecting another one 9; the rest is the operation's.
  test.each([
    ["sum(wide)", 16],
    ["avg(wide)", 16],
    ["quantile(0.5, wide)", 16],
    ["topk(40, wide)", 16],
    ["limitk(200, wide)", 16],
    ['count_values("v", wide)', 16],
    ["-wide", 16],
    ["wide > 1", 16],
    ["abs(wide)", 16],
    ["absent(wide)", 16],
    ["vector(scalar(wide))", 16],
    ["timestamp(-wide)", 16],
    ["wide + wide", 26],
    ["wide and wide", 26],
    ["wide unless on () wide", 26],
  ])("sample budget - %s looks while it goes through its series", async (query, looks) => {
    expect(await looksOf(query)).toBeGreaterThan(looks);
  });
});
