import { describe, expect, test } from "vitest";
import { parseExpression } from "../parser/parse-expression.ts";
import { type EvaluationReport, parseScript, runScript } from "../testing/index.ts";
import { Engine } from "./engine.ts";

const PARSER = { experimentalFunctions: true, extendedRangeSelectors: true, binopFillModifiers: true };

async function run(text: string): Promise<EvaluationReport[]> {
  const engine = new Engine();
  return runScript(parseScript("case", text), (source, query, range) =>
    engine.query(source, parseExpression(query, PARSER), range, { text: query }),
  );
}

/** A script whose evaluations all have to pass. */
async function f(text: string): Promise<void> {
  const reports = await run(text);
  expect(reports.length).toBeGreaterThan(0);
  expect(reports.flatMap(({ query, failure }) => (failure === undefined ? [] : [`${query}: ${failure}`]))).toEqual([]);
}

describe("aggregations", () => {
  test("aggregations - by, without and none, with samples coming and going", async () => {
    await f(`
load 10s
  up{job="a", host="x"} 1 2 _ stale 5
  up{job="a", host="y"} 10 _ 30 40 50
  up{job="b", host="x"} 7 7 7 7 7

eval range from 0 to 40s step 10s sum by (job) (up)
  {job="a"} 11 12 32 40 55
  {job="b"} 7 7 7 7 7

eval range from 0 to 40s step 10s count without (host) (up)
  {job="a"} 2 2 2 1 2
  {job="b"} 1 1 1 1 1

eval range from 0 to 40s step 10s max(up) - min(up)
  {} 9 8 28 33 45
`);
  });

  test("aggregations - topk and bottomk choose anew at each step, NaN last", async () => {
    await f(`
load 10s
  m{x="1"} 1 5 NaN
  m{x="2"} 2 4 1
  m{x="3"} 3 3 NaN

eval range from 0 to 20s step 10s topk(1, m)
  m{x="3"} 3 _ _
  m{x="1"} _ 5 _
  m{x="2"} _ _ 1

eval instant at 20s bottomk(40, m)
  expect ordered
  m{x="2"} 1
  m{x="1"} NaN
  m{x="3"} NaN

eval instant at 0 topk(0.9, m)

eval instant at 0 topk(NaN, m)
  expect fail msg: Parameter value is NaN
`);
  });

  test("aggregations - quantile, count_values and stddev", async () => {
    await f(`
load 10s
  m{x="1"} 1 2
  m{x="2"} 3 2

eval range from 0 to 10s step 10s quantile(0.5, m)
  {} 2 2

eval range from 0 to 10s step 10s count_values("v", m)
  {v="1"} 1 _
  {v="2"} _ 2
  {v="3"} 1 _

eval range from 0 to 10s step 10s stddev(m)
  {} 1 0
`);
  });

  test("aggregations - floats and histograms in one group give nothing but a warning", async () => {
    await f(`
load 10s
  m{x="1"} 1
  m{x="2"} {{schema:0 count:1 sum:1 buckets:[1]}}

eval instant at 0 sum(m)
  expect warn msg: PromQL warning: encountered a mix of histograms and floats for aggregation (1:5)

eval instant at 0 max(m)
  expect info msg: PromQL info: ignored histogram in max aggregation (1:5)
  {} 1

eval instant at 0 count(m)
  {} 2
`);
  });
});

describe("info", () => {
  test("info - adds data labels as of the time the base is read", async () => {
    await f(`
load 1m
  m{instance="a", job="1"} 0 1 2 3
  target_info{instance="a", job="1", version="old"} 1 1 stale
  target_info{instance="a", job="1", version="new"} _ _ 1 1

eval range from 0 to 3m step 1m info(m)
  m{instance="a", job="1", version="old"} 0 1 _ _
  m{instance="a", job="1", version="new"} _ _ 2 3

eval instant at 3m info(m offset 2m)
  m{instance="a", job="1", version="old"} 1

eval instant at 3m info(m, {version="other"})
`);
  });
});

describe("extended ranges", () => {
  test("extended ranges - anchored takes the value at the left border, smoothed interpolates at both", async () => {
    await f(`
load 15s
  m 1+1x4 9+1x4

eval instant at 80s increase(m[1m] anchored)
  {} 7

eval instant at 65s increase(m[1m] smoothed)
  {} 5

eval instant at 20s m smoothed
  m 2.3333333333333335

eval instant at 1m deriv(m[3m] smoothed)
  expect fail msg: smoothed modifier can only be used with: delta, increase, rate - not with deriv
`);
  });

  test("extended ranges - native histograms, alone or among floats", async () => {
    await f(`
load 10s
  h     {{count:10 sum:10 buckets:[10]}} {{count:4 sum:4 buckets:[4]}} {{count:9 sum:9 buckets:[9]}}
  mixed 1 2 {{count:4 sum:4 buckets:[4]}} {{count:8 sum:8 buckets:[8]}}

eval range from 10s to 20s step 5s histogram_count(increase(h[10s] anchored))
  {} 4 4 5

eval range from 5s to 20s step 5s histogram_count(increase(h[5s] smoothed))
  {} 2 2 2.5 2.5

eval range from 10s to 30s step 10s resets(mixed[10s] anchored)
  {} 0 1 0

eval instant at 10s increase(mixed[5s] anchored)
  expect no_warn
  {} 1

eval instant at 20s increase(mixed[10s] anchored)
  expect warn msg: PromQL warning: encountered a mix of histograms and floats for metric name "mixed" (1:10)

eval instant at 25s histogram_sum(delta(mixed[5s] smoothed))
  expect warn msg: PromQL warning: this native histogram metric is not a gauge: "mixed" (1:21)
  {} 2
`);
  });
});

describe("absence", () => {
  test("absence - labels come from equality matchers used once, step by step", async () => {
    await f(`
load 10s
  m{a="1"} 1 stale 1

eval range from 0 to 20s step 10s absent(m{a="1", b=~"", a!="2"})
  {} _ 1 _

eval range from 0 to 20s step 10s absent(m{a="1"})
  {a="1"} _ 1 _

eval instant at 10s absent_over_time(m{a="1"}[5s])
  {a="1"} 1
`);
  });
});

describe("classic histograms", () => {
  test("classic histograms - quantile and fraction by step, bad bounds warned of", async () => {
    await f(`
load 10s
  b{le="1"} 1 5
  b{le="2"} 3 5
  b{le="+Inf"} 4 10
  b{le="x"} 1 1

eval range from 0 to 10s step 10s histogram_quantile(0.5, b)
  expect warn msg: PromQL warning: bucket label "le" is missing or has a malformed value of "x" for metric name "b" (1:25)
  {} 1.5 1

eval range from 0 to 10s step 10s histogram_fraction(0, 2, b)
  {} 0.75 0.5
`);
  });
});

describe("native histograms", () => {
  test("native histograms - rates, binary operators and comparisons", async () => {
    await f(`
load 1m
  h {{schema:0 count:4 sum:4 buckets:[1 2 1]}}+{{schema:0 count:2 sum:2 buckets:[0 2 0]}}x5

eval instant at 5m histogram_count(increase(h[5m]))
  {} 10

eval instant at 5m h - h
  {} {{schema:0 counter_reset_hint:gauge}}

eval instant at 5m h == bool h
  {} 1

eval instant at 5m h > 1
  expect info msg: PromQL info: incompatible sample types encountered for binary operator ">": histogram > float (1:1)

eval instant at 5m histogram_quantile(0.5, h / 2)
  {} 1.4142135623730951
`);
  });
});
