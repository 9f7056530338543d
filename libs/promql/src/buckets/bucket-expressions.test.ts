import { Labels } from "@monotreme/model";
import { describe, expect, test } from "vitest";
import { Engine, type QueryLimits } from "../engine/engine.ts";
import type { QueryRange } from "../engine/plan-query.ts";
import { parseExpression } from "../parser/parse-expression.ts";
import type { SampleSource } from "../sample-source.ts";
import { DownsampledSource } from "../testing/downsampled-source.ts";
import { type MemorySample, MemorySource } from "../testing/memory-source.ts";
import type { QueryResult } from "../value.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FIVE_AND_SIXTY = { resolutionsMs: [5 * MINUTE, HOUR], finestMs: 0 };
const ENGINE = new Engine();

/** Counters, classic buckets, gauges and a native histogram over a day, with resets, markers and gaps. */
function dayOfSamples(): MemorySource {
  const source = new MemorySource();
  for (const [index, instance] of ["a", "b", "c"].entries()) {
    const every = (valueAt: (i: number) => MemorySample["value"]): MemorySample[] =>
      Array.from({ length: 1440 }, (_, i) => ({
        timestampMs: i * MINUTE + index * 13_000 + (i % 7),
        value: valueAt(i),
      }));
    const add = (labels: Readonly<Record<string, string>>, samples: MemorySample[]): void =>
      source.append(Labels.fromObject({ job: "node", instance, ...labels }), samples);
    add(
      { __name__: "requests_total" },
      every((i) => (i % (300 + index) === 299 ? "stale" : ((i * 7) % (400 + index)) / 4)),
    );
    add(
      { __name__: "temperature" },
      every((i) => (i % 97 === 3 ? Number.NaN : Math.sin(i / 50) * (index + 1))),
    );
    for (const [le, share] of [
      ["0.1", 1],
      ["1", 2],
      ["+Inf", 3],
    ] as const) {
      add(
        { __name__: "latency_bucket", le },
        every((i) => i * share),
      );
    }
    add(
      { __name__: "target_info", version: "1" },
      every(() => 1),
    );
    add(
      { __name__: "size" },
      every((i) => histogramOf(i)),
    );
  }
  return source;
}

function histogramOf(count: number): MemorySample["value"] {
  return {
    schema: 0,
    counterResetHint: "unknown",
    zeroThreshold: 0.001,
    zeroCount: 0,
    count: count * 2,
    sum: count * 3,
    positiveOffset: 0,
    positiveBuckets: [count, count],
    negativeOffset: 0,
    negativeBuckets: [],
    customBounds: [],
  };
}

const SOURCE = dayOfSamples();

async function run(
  source: SampleSource,
  text: string,
  range: QueryRange,
  limits: QueryLimits = {},
): Promise<QueryResult> {
  const expression = parseExpression(text, { experimentalFunctions: true, extendedRangeSelectors: true });
  return ENGINE.query(source, expression, range, { text, ...limits });
}

function shown({ value }: QueryResult): string[] {
  if (value.type === "vector") return value.samples.map((one) => `${one.labels.toString()} ${rounded(one.value)}`);
  if (value.type !== "matrix") return [JSON.stringify(value)];
  return value.series.map(
    ({ labels, timestamps, values }) =>
      `${labels.toString()} ${Array.from(timestamps, (at, i) => `${rounded(values[i]!)}@${at}`).join(" ")}`,
  );
}

function rounded(value: number): string {
  return (value + 0).toPrecision(10);
}

const EXPRESSIONS = [
  "sum by (job) (rate(requests_total[1h]))",
  "topk(2, increase(requests_total[2h]))",
  "histogram_quantile(0.9, sum by (le, job) (rate(latency_bucket[1h])))",
  "rate(requests_total[1h]) / on (instance) group_left () temperature",
  "avg_over_time(temperature[1h]) > 0 and resets(requests_total[3h]) > 1",
  "max_over_time(sum by (job) (rate(requests_total[1h]))[6h:1h])",
  "sum_over_time(temperature[4h:1h])",
  "label_replace(max_over_time(temperature[1h]), 'x', '$1', 'instance', '(.)')",
  "requests_total unless min_over_time(requests_total[2h]) < 3",
  "absent_over_time(nothing[2h]) or absent(temperature)",
  "timestamp(temperature offset 1h)",
  "delta(temperature[2h] @ end())",
  "info(temperature)",
  "count_over_time(requests_total[2h]) * scalar(sum(temperature))",
];

describe("downsampled selectors - aligned grids", () => {
  const range = { startMs: 3 * HOUR, endMs: 20 * HOUR, stepMs: HOUR };

  test.each(EXPRESSIONS)("downsampled selectors - %s is the same as from raw samples", async (text) => {
    const raw = await run(SOURCE, text, range);
    expect(raw.resolutionMs).toBe(0);
    for (const maxSourceResolution of [5 * MINUTE, HOUR]) {
      const result = await run(new DownsampledSource(SOURCE, FIVE_AND_SIXTY), text, range, { maxSourceResolution });
      expect(result.resolutionMs).toBeGreaterThanOrEqual(5 * MINUTE);
      expect(result.resolutionMs).toBeLessThanOrEqual(maxSourceResolution);
      expect(shown(result)).toEqual(shown(raw));
      expect(result.infos).toEqual(raw.infos);
      expect(result.samplesRead).toBeLessThan(raw.samplesRead);
    }
  });

  test.each(EXPRESSIONS)("downsampled selectors - %s is the same where the engine chooses", async (text) => {
    const raw = await run(SOURCE, text, range);
    const limits = { maxSourceResolution: "auto" } as const;
    const result = await run(new DownsampledSource(SOURCE, FIVE_AND_SIXTY), text, range, limits);
    expect(result.resolutionMs).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(shown(result)).toEqual(shown(raw));
  });

  test.each([
    "irate(requests_total[2h])",
    "quantile_over_time(0.5, temperature[2h])",
    "rate(requests_total[2h]) + deriv(temperature[2h])",
  ])("downsampled selectors - %s is read raw where the engine chooses", async (text) => {
    const limits = { maxSourceResolution: "auto" } as const;
    const result = await run(new DownsampledSource(SOURCE, FIVE_AND_SIXTY), text, range, limits);
    expect(shown(result)).toEqual(shown(await run(SOURCE, text, range)));
  });

  test("downsampled selectors - extended ranges are read raw", async () => {
    const source = new DownsampledSource(SOURCE, FIVE_AND_SIXTY);
    const result = await run(source, "rate(requests_total[2h] anchored)", range, { maxSourceResolution: HOUR });
    expect(result.resolutionMs).toBe(0);
  });
});

describe("downsampled selectors - what the answer tells", () => {
  const now = { startMs: 20 * HOUR, endMs: 20 * HOUR, stepMs: 0 };

  async function infosOf(text: string, finestMs: number): Promise<readonly string[]> {
    const source = new DownsampledSource(SOURCE, { resolutionsMs: [5 * MINUTE, HOUR], finestMs });
    return (await run(source, text, now)).infos;
  }

  test("downsampled selectors - exact functions come without a word", async () => {
    expect(await infosOf("rate(requests_total[1h])", 5 * MINUTE)).toEqual([]);
    expect(await infosOf("sum(temperature)", HOUR)).toEqual([]);
  });

  test("downsampled selectors - a function that sees one sample a bucket says so", async () => {
    expect(await infosOf("1 + stddev_over_time(temperature[1h])", 5 * MINUTE)).toEqual([
      "PromQL info: stddev_over_time computed from data downsampled to 5m, one sample per 5m (1:22)",
    ]);
    expect(await infosOf("temperature[1h]", 5 * MINUTE)).toEqual([
      "PromQL info: a range vector computed from data downsampled to 5m, one sample per 5m (1:1)",
    ]);
    expect(await infosOf("rate(requests_total[1h] smoothed)", 5 * MINUTE)).toHaveLength(1);
  });

  test("downsampled selectors - a window that was widened is told", async () => {
    expect(await infosOf("rate(requests_total[5m])", HOUR)).toEqual([
      "PromQL info: window of rate widened from 5m to the resolution of 1h (1:6)",
    ]);
  });

  test("downsampled selectors - native histograms tell where they were thinned", async () => {
    expect(await infosOf("histogram_count(rate(size[1h]))", 5 * MINUTE)).toEqual([]);
    expect(await infosOf("histogram_count(sum_over_time(size[1h]))", 5 * MINUTE)).toHaveLength(1);
  });

  test("downsampled selectors - series that nothing matches tell nothing", async () => {
    expect(await infosOf("irate(nothing[5m])", HOUR)).toEqual([]);
  });
});

describe("downsampled selectors - limits and statistics", () => {
  const range = { startMs: 10 * HOUR, endMs: 12 * HOUR, stepMs: HOUR };

  test("downsampled selectors - a bucket counts as one sample", async () => {
    const source = new DownsampledSource(SOURCE, FIVE_AND_SIXTY);
    const text = "rate(requests_total{instance='c'}[2h])";
    const limits = { maxSourceResolution: HOUR, countsSamples: true };
    const { samplesRead, statistics, peakSamples } = await run(source, text, range, limits);
    expect(samplesRead).toBe(4);
    expect([...(statistics?.consideredPerStep ?? [])]).toEqual([2, 2, 2]);
    expect([...(statistics?.readPerStep ?? [])]).toEqual([2, 1, 1]);
    expect(peakSamples).toBe(4 + 3);
    await expect(run(source, text, range, { ...limits, maxSamples: 3 })).rejects.toMatchObject({
      code: "QUERY_TOO_MANY_SAMPLES",
    });
  });
});

describe("downsampled selectors - mixed resolutions", () => {
  test("downsampled selectors - each selector has its own, and the answer names the coarsest", async () => {
    const range = { startMs: 10 * HOUR, endMs: 20 * HOUR, stepMs: HOUR };
    const text = "rate(requests_total[10m]) + rate(requests_total[4h]) + irate(requests_total[5m])";
    const limits = { maxSourceResolution: "auto" } as const;
    const result = await run(new DownsampledSource(SOURCE, FIVE_AND_SIXTY), text, range, limits);
    expect(result.resolutionMs).toBe(HOUR);
    expect(shown(result)).toEqual(shown(await run(SOURCE, text, range)));
  });
});
