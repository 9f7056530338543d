import { Labels } from "@monotreme/model";
import { describe, expect, test } from "vitest";
import type { QueryResult, QueryValue, VectorSample } from "../value.ts";
import { runOnEngine } from "./engine-under-test.ts";
import { parseScript } from "./parse-script.ts";
import { type RunQuery, runScript } from "./run-script.ts";

function resultOf(value: QueryValue, warnings: readonly string[] = []): QueryResult {
  return { value, warnings, infos: [], samplesRead: 0, peakSamples: 0 };
}

function sample(name: string, value: number): VectorSample {
  return { labels: Labels.fromObject({ __name__: name }), timestampMs: 0, value };
}

/** An engine that gives every query the same vector, as a matrix to range queries. */
function answering(samples: readonly VectorSample[], warnings: readonly string[] = []): RunQuery {
  return async (_source, _query, { startMs, endMs, stepMs }) => {
    if (stepMs === 0) return resultOf({ type: "vector", samples }, warnings);
    const timestamps = Float64Array.from({ length: (endMs - startMs) / stepMs + 1 }, (_, i) => startMs + i * stepMs);
    const series = samples.map(({ labels, value }) => ({ labels, timestamps, values: timestamps.map(() => value) }));
    return resultOf({ type: "matrix", series }, warnings);
  };
}

async function failureOf(runQuery: RunQuery, ...lines: string[]): Promise<string | undefined> {
  const [report] = await runScript(parseScript("t", ["eval instant at 0 q", ...lines].join("\n")), runQuery);
  return report?.failure;
}

describe("script runner - vectors", () => {
  const engine = answering([sample("a", 1), sample("b", 2)]);
  const f = (name: string, lines: readonly string[], expected: string | undefined) =>
    test(`script runner - ${name}`, async () => {
      const failure = await failureOf(engine, ...lines);
      if (expected === undefined) expect(failure).toBeUndefined();
      else expect(failure).toContain(expected);
    });
  f("passes in any order", ["b 2", "a 1"], undefined);
  f("passes rounding errors", ["b 2.0000001", "a 1"], undefined);
  f("reports another value", ["a 1", "b 3"], "b: expected 3, got 2");
  f("reports a missing series", ["a 1", "b 2", "c 3"], "expected c 3, got none");
  f("reports an unexpected series", ["a 1"], "unexpected b 2");
  f("reports a wrong order where it counts", ["expect ordered", "b 2", "a 1"], "expected a at position 1, got 0");
  f("reports a vector for a scalar", ["1"], "expected a scalar");
  f("reports a success that should fail", ["expect fail"], "expected the query to fail");
  f("reports a missing warning", ["expect warn", "a 1", "b 2"], "expected the warning of any text, got none");
});

test("script runner - compares annotations both ways", async () => {
  const engine = answering([], ["PromQL warning: w (1:1)"]);
  expect(await failureOf(engine)).toBeUndefined();
  expect(await failureOf(engine, "expect warn msg: PromQL warning: w (1:1)")).toBeUndefined();
  expect(await failureOf(engine, "expect warn regex: w .*1")).toBeUndefined();
  expect(await failureOf(engine, "expect no_warn")).toContain("unexpected warning");
  expect(await failureOf(engine, "expect warn msg: other")).toContain("expected the warning other");
});

test("script runner - compares failures", async () => {
  const failing: RunQuery = async () => {
    throw new Error("no luck");
  };
  expect(await failureOf(failing, "expect fail")).toBeUndefined();
  expect(await failureOf(failing, "expect fail msg: no luck")).toBeUndefined();
  expect(await failureOf(failing, "expect fail regex: ^no")).toBeUndefined();
  expect(await failureOf(failing, "expect fail msg: luck")).toContain("got no luck");
  expect(await failureOf(failing)).toBe("failed: no luck");
});

test("script runner - reports an instant query that differs as a range query", async () => {
  const engine: RunQuery = (source, query, range) =>
    answering([sample("a", range.stepMs === 0 ? 1 : 2)])(source, query, range);
  expect(await failureOf(engine, "a 1")).toBe("as a range query: a: expected 1, got 2");
});

test("script runner - runs a script on the engine", async () => {
  const script = [
    "load 1m",
    "  m{x=`1`} 0+60x10",
    "  h_bucket{le=`1`} 1 2",
    "",
    "eval range from 1m to 3m step 1m rate(m[2m]) * 2",
    "  {x=`1`} 1 2 2",
    "",
    "eval instant at 5m m",
    "  m{x=`1`} 300",
    "",
    "eval instant at 5m (",
    "  expect fail regex: 1:2: parse error",
    "",
    "clear",
    "eval instant at 5m m",
  ].join("\n");
  const reports = await runScript(parseScript("t", script), runOnEngine());
  expect(reports.map(({ line, failure }) => [line, failure])).toEqual([
    [5, undefined],
    [8, undefined],
    [11, undefined],
    [15, undefined],
  ]);
});

test("script runner - load_with_nhcb stores classic histograms as native ones too", async () => {
  const script = [
    "load_with_nhcb 1m",
    "  h_bucket{le=`1`} 1",
    "  h_bucket{le=`+Inf`} 4",
    "  h_count 4",
    "  h_sum 9",
    "",
    "eval instant at 0 h",
    "  h {{schema:-53 count:4 sum:9 custom_values:[1] buckets:[1 3]}}",
  ].join("\n");
  const [report] = await runScript(parseScript("t", script), runOnEngine());
  expect(report).toEqual({ line: 7, query: "h", usesHistograms: true, failure: undefined });
});
