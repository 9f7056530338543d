import { Labels } from "@monotreme/model";
import { describe, expect, test } from "vitest";
import { parseExpression } from "../parser/parse-expression.ts";
import type { SampleSource, SelectRequest } from "../sample-source.ts";
import { MemorySource } from "../testing/memory-source.ts";
import type { QueryResult, QueryValue } from "../value.ts";
import { Engine, type EngineOptions, type QueryLimits } from "./engine.ts";

type Point = readonly [seconds: number, value: number | "stale"];

function sourceOf(series: Readonly<Record<string, readonly Point[]>>): MemorySource {
  const source = new MemorySource();
  for (const [selector, points] of Object.entries(series)) {
    const parsed = parseExpression(selector);
    if (parsed.kind !== "vector-selector") throw new Error("not a selector");
    const labels = Labels.fromEntries(parsed.matchers.map(({ name, value }) => [name, value]));
    source.append(
      labels,
      points.map(([seconds, value]) => ({ timestampMs: seconds * 1000, value })),
    );
  }
  return source;
}

interface Times {
  readonly from: number;
  readonly to?: number;
  readonly step?: number;
}

async function run(
  source: SampleSource,
  text: string,
  { from, to = from, step = 0 }: Times,
  limits: QueryLimits = {},
  options: Partial<EngineOptions> = {},
): Promise<QueryResult> {
  const expression = parseExpression(text, { experimentalFunctions: true });
  const range = { startMs: from * 1000, endMs: to * 1000, stepMs: step * 1000 };
  return new Engine(options).query(source, expression, range, { text, ...limits });
}

/** `labels value@seconds …` of every series, in the order of the answer. */
function shown(value: QueryValue): string[] {
  switch (value.type) {
    case "vector":
      return value.samples.map((sample) => `${sample.labels.toString()} ${sample.value}@${sample.timestampMs / 1000}`);
    case "matrix":
      return value.series.map(({ labels, timestamps, values }) => {
        const points = [...values].map((one, i) => `${one}@${(timestamps[i] ?? Number.NaN) / 1000}`);
        return `${labels.toString()} ${points.join(" ")}`;
      });
    case "scalar":
    case "string":
      return [String(value.value)];
  }
}

async function f(source: SampleSource, text: string, times: Times, expected: readonly string[]): Promise<void> {
  expect(shown((await run(source, text, times)).value)).toEqual(expected);
}

describe("engine - instant selectors", () => {
  const source = sourceOf({
    "a{x='1'}": [
      [0, 1],
      [60, 2],
      [120, "stale"],
      [180, 4],
    ],
  });

  test("engine - looks back five minutes, left open", async () => {
    await f(source, "a", { from: 60 }, ['a{x="1"} 2@60']);
    await f(source, "a", { from: 119.999 }, ['a{x="1"} 2@119.999']);
    await f(source, "a", { from: 479.999 }, ['a{x="1"} 4@479.999']);
    await f(source, "a", { from: 480 }, []);
  });

  test("engine - a staleness marker ends the series at once", async () => {
    await f(source, "a", { from: 120 }, []);
    await f(source, "a", { from: 0, to: 240, step: 60 }, ['a{x="1"} 1@0 2@60 4@180 4@240']);
  });

  test("engine - offset and @ move the look-up, not the result", async () => {
    await f(source, "a offset 1m", { from: 120 }, ['a{x="1"} 2@120']);
    await f(source, "a offset -1m", { from: 120 }, ['a{x="1"} 4@120']);
    await f(source, "a @ 60", { from: 500, to: 560, step: 60 }, ['a{x="1"} 2@500 2@560']);
    await f(source, "a @ end()", { from: 60, to: 180, step: 60 }, ['a{x="1"} 4@60 4@120 4@180']);
  });
});

describe("engine - ranges and subqueries", () => {
  const source = sourceOf({
    a: [
      [0, 1],
      [10, 2],
      [20, "stale"],
      [30, 4],
      [40, 8],
    ],
  });

  test("engine - windows are left-open and right-closed, without markers", async () => {
    await f(source, "sum_over_time(a[20s])", { from: 20 }, ["{} 2@20"]);
    await f(source, "count_over_time(a[21s])", { from: 40 }, ["{} 2@40"]);
    await f(source, "a[40s]", { from: 40 }, ["a 2@10 4@30 8@40"]);
  });

  test("engine - subquery steps lie on multiples of their step", async () => {
    await f(source, "a[20s:7s]", { from: 40 }, ["a 4@35"]);
    await f(source, "sum_over_time(a[30s:10s])", { from: 30, to: 40, step: 10 }, ["{} 6@30 12@40"]);
    await f(source, "max_over_time(vector(time())[30s:10s] offset 10s)", { from: 45 }, ["{} 30@45"]);
  });

  test("engine - a subquery without a step takes the default step", async () => {
    const { value } = await run(
      source,
      "count_over_time(vector(1)[1m:])",
      { from: 60 },
      {},
      { defaultSubqueryStepMs: 5000 },
    );
    expect(shown(value)).toEqual(["{} 12@60"]);
  });
});

describe("engine - reading", () => {
  test("engine - reads each selector once for all steps, and equal ones together", async () => {
    const requests: SelectRequest[] = [];
    const source: SampleSource = {
      async select(request) {
        requests.push(request);
        return [];
      },
    };
    await run(source, "rate(a[5m] offset 1m) + a + a", { from: 600, to: 1200, step: 60 });
    const windows = requests.map(({ afterMs, untilMs, functionName }) => [afterMs, untilMs, functionName]);
    expect(windows).toEqual([
      [240_000, 1_140_000, "rate"],
      [300_000, 1_200_000, ""],
    ]);
  });

  test("engine - passes on what the source throws", async () => {
    const source: SampleSource = { select: () => Promise.reject(new Error("store is down")) };
    await expect(run(source, "a", { from: 0 })).rejects.toThrow("store is down");
  });
});

describe("engine - limits", () => {
  const source = sourceOf({ a: Array.from({ length: 100 }, (_, i): Point => [i, i]) });

  test("engine - stops at too many samples", async () => {
    const query = run(source, "sum_over_time(a[100s])", { from: 99 }, { maxSamples: 50 });
    await expect(query).rejects.toMatchObject({ code: "QUERY_TOO_MANY_SAMPLES", kind: "limit" });
  });

  test("engine - refuses a grid that is too large before it takes memory for it", async () => {
    const query = run(source, "vector(1)", { from: 0, to: 1e12, step: 0.001 });
    await expect(query).rejects.toMatchObject({ code: "QUERY_TOO_MANY_SAMPLES" });
    const subquery = run(source, "max_over_time(vector(1)[100y:1ms])", { from: 0 });
    await expect(subquery).rejects.toMatchObject({ code: "QUERY_TOO_MANY_SAMPLES" });
  });

  test("engine - an aborted signal cancels, or times out where its reason says so", async () => {
    const canceled = run(source, "a", { from: 0 }, { signal: AbortSignal.abort() });
    await expect(canceled).rejects.toMatchObject({ code: "QUERY_CANCELED", kind: "canceled" });
    const reason = new DOMException("too slow", "TimeoutError");
    const timedOut = run(source, "a", { from: 0 }, { signal: AbortSignal.abort(reason) });
    await expect(timedOut).rejects.toMatchObject({ code: "QUERY_TIMED_OUT", kind: "timeout" });
  });

  test("engine - a deadline that has passed stops the query", async () => {
    const query = run(source, "a", { from: 0 }, { deadlineMs: 1 });
    await expect(query).rejects.toMatchObject({ code: "QUERY_TIMED_OUT" });
  });

  test("engine - counts samples read and the peak", async () => {
    const result = await run(source, "a", { from: 0, to: 99, step: 33 });
    expect(result).toMatchObject({ samplesRead: 100, peakSamples: 104 });
  });
});

describe("engine - results", () => {
  const source = sourceOf({
    "b{x='2'}": [[0, 1]],
    "b{x='1'}": [[0, 3]],
    "a{x='2'}": [[0, 2]],
  });

  test("engine - range results are sorted by labels", async () => {
    await f(source, "{x!=''}", { from: 0, to: 10, step: 10 }, [
      'a{x="2"} 2@0 2@10',
      'b{x="1"} 3@0 3@10',
      'b{x="2"} 1@0 1@10',
    ]);
  });

  test("engine - sort and topk order instant results", async () => {
    await f(source, "sort({x!=''})", { from: 0 }, ['b{x="2"} 1@0', 'a{x="2"} 2@0', 'b{x="1"} 3@0']);
    await f(source, "topk(2, {x!=''})", { from: 0 }, ['b{x="1"} 3@0', 'a{x="2"} 2@0']);
  });

  test("engine - series that come to the same labels at a step are an error", async () => {
    await expect(run(source, "abs({x='2'})", { from: 0 })).rejects.toThrow(
      "vector cannot contain metrics with the same labelset",
    );
  });

  test("engine - names go at once, or at the end with delayed removal", async () => {
    const text = "label_replace(abs(b), 'old', '$1', '__name__', '(.*)')";
    const times = { from: 0 };
    expect(shown((await run(source, text, times)).value)).toEqual(['{x="2"} 1@0', '{x="1"} 3@0']);
    const delayed = await run(source, text, times, {}, { delayedNameRemoval: true });
    expect(shown(delayed.value)).toEqual(['{old="b", x="2"} 1@0', '{old="b", x="1"} 3@0']);
  });

  test("engine - a range query of a range vector or a string is refused", async () => {
    await expect(run(source, "b[5m]", { from: 0, to: 10, step: 5 })).rejects.toMatchObject({ kind: "invalid" });
    await expect(run(source, "'text'", { from: 0, to: 10, step: 5 })).rejects.toMatchObject({ kind: "invalid" });
  });

  test("engine - annotations end with line and column and are cut at the limit", async () => {
    const text = "1 +\n  quantile(2, b)";
    const { warnings } = await run(source, text, { from: 0 });
    expect(warnings).toEqual(["PromQL warning: quantile value should be between 0 and 1, got 2 (2:12)"]);
    const points: Point[] = [
      [0, 1],
      [1, 1],
    ];
    const gauges = sourceOf({ "a{x='1'}": points, "b{x='2'}": points, "c{x='3'}": points });
    const { infos } = await run(gauges, "sum(increase({__name__=~'.'}[5m]))", { from: 1 }, {}, { maxAnnotations: 2 });
    expect(infos).toHaveLength(3);
    expect(infos[2]).toBe("1 more info annotations omitted");
  });
});
