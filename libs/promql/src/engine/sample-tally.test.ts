import { Labels } from "@monotreme/model";
import { expect, test } from "vitest";
import { parseExpression } from "../parser/parse-expression.ts";
import { MemorySource } from "../testing/memory-source.ts";
import type { SampleStatistics } from "../value.ts";
import { Engine } from "./engine.ts";

/** Two series with a sample every 10 s from 0 to 60 s. */
function sourceOfTwo(): MemorySource {
  const source = new MemorySource();
  for (const job of ["a", "b"]) {
    const times = [0, 10, 20, 30, 40, 50, 60];
    const samples = times.map((at) => ({ timestampMs: at * 1000, value: at }));
    source.append(Labels.fromObject({ __name__: "m", job }), samples);
  }
  return source;
}

async function count(text: string, stepMs = 10_000): Promise<SampleStatistics> {
  const range = { startMs: 30_000, endMs: stepMs === 0 ? 30_000 : 60_000, stepMs };
  const limits = { countsSamples: true };
  const { statistics } = await new Engine().query(sourceOfTwo(), parseExpression(text), range, limits);
  if (statistics === undefined) throw new Error("nothing was counted");
  return statistics;
}

async function f(text: string, considered: readonly number[], read: readonly number[]): Promise<void> {
  const counted = await count(text);
  expect([...counted.consideredPerStep], text).toEqual(considered);
  expect([...counted.readPerStep], text).toEqual(read);
  expect(counted.considered).toBe(considered.reduce((a, b) => a + b, 0));
  expect(counted.read).toBe(read.reduce((a, b) => a + b, 0));
}

test("sample tally - an instant selector counts each series at each step", async () => {
  await f("m", [2, 2, 2, 2], [2, 2, 2, 2]);
  await f('sum(m) + m{job="a"}', [3, 3, 3, 3], [3, 3, 3, 3]);
  await f("timestamp(m)", [2, 2, 2, 2], [2, 2, 2, 2]);
});

test("sample tally - a window counts all its samples, and those new in it as read", async () => {
  await f("rate(m[30s])", [6, 6, 6, 6], [6, 2, 2, 2]);
  await f("max_over_time(m[10s])", [2, 2, 2, 2], [2, 2, 2, 2]);
});

test("sample tally - what stands still counts at each step and is read once", async () => {
  await f("rate(m[30s] @ 30)", [6, 6, 6, 6], [6, 0, 0, 0]);
  await f("predict_linear(m[30s] @ 30, 60)", [6, 6, 6, 6], [6, 0, 0, 0]);
  await f("m @ 30", [2, 2, 2, 2], [2, 0, 0, 0]);
});

test("sample tally - a subquery counts the steps in its windows and the samples that it read", async () => {
  // Steps at 20 and 30 s before the first window's end, then one more a step.
  await f("max_over_time(m[20s:10s])", [4, 4, 4, 4], [4, 2, 2, 2]);
  await f("max_over_time(rate(m[20s])[20s:10s])", [4, 4, 4, 4], [6, 2, 2, 2]);
});

test("sample tally - a range selector alone counts its window, and nothing is counted unasked", async () => {
  expect((await count("m[30s]", 0)).considered).toBe(6);
  const range = { startMs: 0, endMs: 0, stepMs: 0 };
  expect((await new Engine().query(sourceOfTwo(), parseExpression("m"), range)).statistics).toBeUndefined();
});

test("sample tally - native histograms count by their size", async () => {
  const source = new MemorySource();
  const histogram = {
    schema: 0,
    zeroThreshold: 0.001,
    zeroCount: 0,
    count: 3,
    sum: 4,
    positiveOffset: 0,
    positiveBuckets: [1, 2],
    negativeOffset: 0,
    negativeBuckets: [],
    customBounds: [],
    counterResetHint: "unknown",
  } as const;
  source.append(Labels.fromObject({ __name__: "h" }), [{ timestampMs: 0, value: histogram }]);
  const range = { startMs: 0, endMs: 0, stepMs: 0 };
  const one = await new Engine().query(source, parseExpression("h"), range, { countsSamples: true });
  expect(one.statistics?.considered).toBe(12);
  const window = await new Engine().query(source, parseExpression("rate(h[1m])"), range, { countsSamples: true });
  expect(window.statistics?.considered).toBe(12);
});
