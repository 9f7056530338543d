import { Labels } from "@monotreme/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Engine } from "../engine/engine.ts";
import { parseExpression } from "../parser/parse-expression.ts";
import { MemorySource } from "../testing/memory-source.ts";

interface Sample {
  readonly t: number;
  readonly v: number;
}

/** Plain definitions over one window's samples, written for reading; the kernels are compared with them. */
const REFERENCE: Readonly<
  Record<string, (window: readonly Sample[], endMs: number, rangeMs: number) => number | undefined>
> = {
  rate: (window, endMs, rangeMs) => extrapolated(window, endMs, rangeMs, true, 1000 / rangeMs),
  increase: (window, endMs, rangeMs) => extrapolated(window, endMs, rangeMs, true, 1),
  delta: (window, endMs, rangeMs) => extrapolated(window, endMs, rangeMs, false, 1),
  irate: (window) => {
    const [previous, last] = window.slice(-2);
    if (previous === undefined || last === undefined) return undefined;
    return ((last.v < previous.v ? last.v : last.v - previous.v) * 1000) / (last.t - previous.t);
  },
  sum_over_time: (window) => nonEmpty(window, (values) => values.reduce((sum, value) => sum + value, 0)),
  avg_over_time: (window) =>
    nonEmpty(window, (values) => values.reduce((sum, value) => sum + value, 0) / values.length),
  min_over_time: (window) => nonEmpty(window, (values) => ignoringNaN(values, Math.min)),
  max_over_time: (window) => nonEmpty(window, (values) => ignoringNaN(values, Math.max)),
  count_over_time: (window) => nonEmpty(window, (values) => values.length),
  last_over_time: (window) => window.at(-1)?.v,
  first_over_time: (window) => window[0]?.v,
  resets: (window) => nonEmpty(window, (values) => pairs(values, (a, b) => b < a)),
  changes: (window) => nonEmpty(window, (values) => pairs(values, (a, b) => !Object.is(a, b) && !(a === 0 && b === 0))),
  stdvar_over_time: (window) =>
    nonEmpty(window, (values) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    }),
  "quantile_over_time 0.5": (window) =>
    nonEmpty(window, (values) => {
      const sorted = values.toSorted((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b));
      const middle = (sorted.length - 1) / 2;
      const [low, high] = [sorted[Math.floor(middle)] ?? 0, sorted[Math.ceil(middle)] ?? 0];
      return low * (1 - (middle % 1)) + high * (middle % 1);
    }),
};

function nonEmpty(window: readonly Sample[], evaluate: (values: number[]) => number): number | undefined {
  return window.length === 0 ? undefined : evaluate(window.map(({ v }) => v));
}

function ignoringNaN(values: readonly number[], choose: (...values: number[]) => number): number {
  const numbers = values.filter((value) => !Number.isNaN(value));
  return numbers.length === 0 ? Number.NaN : choose(...numbers);
}

function pairs(values: readonly number[], isCounted: (a: number, b: number) => boolean): number {
  return values.slice(1).filter((value, i) => isCounted(values[i] ?? 0, value)).length;
}

function extrapolated(
  window: readonly Sample[],
  endMs: number,
  rangeMs: number,
  isCounter: boolean,
  scale: number,
): number | undefined {
  const first = window[0];
  const last = window.at(-1);
  if (first === undefined || last === undefined || window.length < 2) return undefined;
  let difference = last.v - first.v;
  if (isCounter) {
    for (const [i, { v }] of window.entries()) {
      const previous = window[i - 1]?.v ?? v;
      if (v < previous) difference += previous;
    }
  }
  const sampled = (last.t - first.t) / 1000;
  const interval = sampled / (window.length - 1);
  const gap = (seconds: number): number => (seconds >= interval * 1.1 ? interval / 2 : seconds);
  let toStart = gap((first.t - (endMs - rangeMs)) / 1000);
  if (isCounter && difference > 0 && first.v >= 0) toStart = Math.min(toStart, sampled * (first.v / difference));
  const toEnd = gap((endMs - last.t) / 1000);
  return difference * ((sampled + toStart + toEnd) / sampled) * scale;
}

async function evaluate(
  samples: readonly { readonly t: number; readonly v: number | "stale" }[],
  call: string,
  range: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
): Promise<Map<number, number>> {
  const source = new MemorySource();
  source.append(
    Labels.fromObject({ __name__: "x_total" }),
    samples.map(({ t, v }) => ({ timestampMs: t, value: v })),
  );
  const { value } = await new Engine().query(source, parseExpression(call), range);
  const [series] = value.type === "matrix" ? value.series : [];
  return new Map([...(series?.timestamps ?? [])].map((t, i) => [t, series?.values[i] ?? Number.NaN]));
}

function expectClose(got: number | undefined, expected: number | undefined, where: string): void {
  if (got === undefined || expected === undefined || Number.isNaN(expected)) expect(got, where).toBe(expected);
  else
    expect(Math.abs(got - expected), `${where}: ${got} for ${expected}`).toBeLessThanOrEqual(
      1e-9 * (1 + Math.abs(expected)),
    );
}

const sample = fc.record({
  gapMs: fc.integer({ min: 1, max: 40_000 }),
  v: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 50 }) },
    { weight: 1, arbitrary: fc.constant(Number.NaN) },
    { weight: 1, arbitrary: fc.constant("stale" as const) },
  ),
});

describe("range functions", () => {
  test.each(Object.keys(REFERENCE))("range functions - %s agrees with its definition at every step", async (name) => {
    const [functionName = "", parameter] = name.split(" ");
    const definition = REFERENCE[name];
    await fc.assert(
      fc.asyncProperty(
        fc.array(sample, { maxLength: 60 }),
        fc.integer({ min: 1000, max: 120_000 }),
        fc.integer({ min: 1000, max: 60_000 }),
        fc.integer({ min: -50_000, max: 50_000 }),
        async (gaps, rangeMs, stepMs, startMs) => {
          let t = 0;
          const samples = gaps.map(({ gapMs, v }) => ({ t: (t += gapMs), v }));
          const numbers = samples.flatMap(({ t: at, v }) => (v === "stale" ? [] : [{ t: at, v }]));
          const range = { startMs, endMs: startMs + 20 * stepMs, stepMs };
          const prefix = parameter === undefined ? "" : `${parameter}, `;
          const got = await evaluate(samples, `${functionName}(${prefix}x_total[${rangeMs}ms])`, range);
          for (let end = startMs; end <= range.endMs; end += stepMs) {
            const window = numbers.filter(({ t: at }) => at > end - rangeMs && at <= end);
            expectClose(got.get(end), definition?.(window, end, rangeMs), `at ${end}`);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

async function instant(values: readonly number[], call: string, atSeconds: number): Promise<number | undefined> {
  const samples = values.map((v, i) => ({ t: i * 60_000, v }));
  const at = atSeconds * 1000;
  return (await evaluate(samples, call, { startMs: at, endMs: at, stepMs: 1000 })).get(at);
}

describe("rate", () => {
  test("rate - extrapolates to edges nearer than 1.1 intervals, else by half an interval", async () => {
    expect(await instant([0, 60, 120, 180], "increase(x_total[4m])", 200)).toBeCloseTo(200, 9);
    expect(await instant([600, 660, 720, 780], "increase(x_total[10m])", 300)).toBeCloseTo(240, 9);
  });

  test("rate - never extrapolates a counter below zero", async () => {
    expect(await instant([10, 70, 130], "increase(x_total[3m])", 120)).toBeCloseTo(130, 9);
    expect(await instant([10, 70, 130], "delta(x_total[3m])", 120)).toBeCloseTo(180, 9);
  });

  test("rate - adds what a reset took away", async () => {
    expect(await instant([0, 50, 100, 30, 60], "increase(x_total[4m1s])", 240)).toBeCloseTo(160, 9);
  });

  test("rate - needs two samples", async () => {
    expect(await instant([1, 2], "rate(x_total[1m])", 60)).toBeUndefined();
  });
});

describe("sums over time", () => {
  test("sums over time - keep the low bits", async () => {
    expect(await instant([1, 1e100, 1, -1e100], "sum_over_time(x_total[10m])", 300)).toBe(2);
    expect(await instant([1, 1e100, 1, -1e100], "avg_over_time(x_total[10m])", 300)).toBe(0.5);
  });

  test("sums over time - a mean does not overflow where its sum would", async () => {
    const large = 9.988465674311579e307;
    expect(await instant([large, large, large], "avg_over_time(x_total[10m])", 120)).toBe(large);
    expect(await instant([large, large, large], "sum_over_time(x_total[10m])", 120)).toBe(Infinity);
  });

  test("sums over time - infinities stay infinities", async () => {
    expect(await instant([1, Infinity, 2], "sum_over_time(x_total[10m])", 120)).toBe(Infinity);
    expect(await instant([Infinity, -Infinity], "sum_over_time(x_total[10m])", 120)).toBeNaN();
  });
});

describe("trends", () => {
  test("trends - a line is found and continued", async () => {
    expect(await instant([0, 60, 120], "deriv(x_total[10m])", 120)).toBeCloseTo(1, 12);
    expect(await instant([0, 60, 120], "predict_linear(x_total[10m], 60)", 150)).toBeCloseTo(210, 9);
    expect(await instant([5, 5], "deriv(x_total[10m])", 60)).toBe(0);
  });
});
