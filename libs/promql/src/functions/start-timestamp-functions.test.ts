import { Labels } from "@monotreme/model";
import { describe, expect, test } from "vitest";
import { Engine } from "../engine/engine.ts";
import { parseExpression } from "../parser/parse-expression.ts";
import { MemorySource } from "../testing/memory-source.ts";

type Sample = readonly [seconds: number, value: number, start?: number];

async function evaluate(samples: readonly Sample[], text: string, useStartTimestamps: boolean) {
  const source = new MemorySource();
  const toSample = ([seconds, value, start]: Sample) => ({
    timestampMs: seconds * 1000,
    value,
    ...(start === undefined ? {} : { startTimestampMs: start * 1000 }),
  });
  source.append(Labels.fromObject({ __name__: "x_total" }), samples.map(toSample));
  const range = { startMs: 300_000, endMs: 300_000, stepMs: 0 };
  const result = await new Engine({ useStartTimestamps }).query(source, parseExpression(text), range, { text });
  return { ...result, values: result.value.type === "vector" ? result.value.samples.map(({ value }) => value) : [] };
}

describe("start timestamps", () => {
  const restarted: readonly Sample[] = [
    [60, 5, 0],
    [120, 5, 61],
    [180, 9, 61],
  ];

  test("start timestamps - a restart that no falling value shows counts as a reset", async () => {
    expect((await evaluate(restarted, "resets(x_total[5m])", true)).values).toEqual([1]);
    expect((await evaluate(restarted, "resets(x_total[5m])", false)).values).toEqual([0]);
    expect((await evaluate(restarted, "irate(x_total[5m])", true)).values).toEqual([4 / 60]);
  });

  test("start timestamps - one sample is enough where its start lies in the window", async () => {
    expect((await evaluate([[240, 3, 100]], "increase(x_total[5m])", true)).values).toEqual([3]);
    expect((await evaluate([[240, 3, 100]], "increase(x_total[5m])", false)).values).toEqual([]);
    expect((await evaluate([[240, 3]], "increase(x_total[5m])", true)).values).toEqual([]);
  });

  test("start timestamps - overlapping starts are warned of", async () => {
    const overlapping: readonly Sample[] = [
      [60, 60, 10],
      [120, 120, 50],
    ];
    expect((await evaluate(overlapping, "rate(x_total[5m])", true)).warnings).toEqual([
      'PromQL warning: sample has start time that overlaps with previous sample timestamp for metric "x_total" (1:6)',
    ]);
  });
});
