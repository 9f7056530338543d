import { Labels } from "@monotreme/model";
import type { NativeHistogram, QueryValue } from "@monotreme/promql";
import { describe, expect, test } from "vitest";
import { labelsJson } from "./labels-json.ts";
import { timestampText } from "./timestamp-text.ts";
import { queryResultJson } from "./value-json.ts";

function text(value: QueryValue): string {
  return [...queryResultJson(value)].map((piece) => Buffer.from(piece).toString()).join("");
}

const HISTOGRAM: NativeHistogram = {
  schema: 0,
  counterResetHint: "unknown",
  zeroThreshold: 0.001,
  zeroCount: 2,
  count: 9,
  sum: 10.5,
  positiveOffset: 0,
  positiveBuckets: [1, 0, 3],
  negativeOffset: 1,
  negativeBuckets: [3],
  customBounds: [],
};

describe("value JSON", () => {
  describe("timestamps", () => {
    const f = (timestampMs: number, expected: string): void =>
      test(`value JSON - timestamp ${timestampMs}`, () => {
        expect(timestampText(timestampMs)).toBe(expected);
        expect(Number(timestampText(timestampMs)) * 1000).toBeCloseTo(timestampMs, 3);
      });
    f(0, "0");
    f(-0, "0");
    f(1_435_781_451_781, "1435781451.781");
    f(1_435_781_451_780, "1435781451.78");
    f(1_435_781_451_700, "1435781451.7");
    f(1_435_781_451_007, "1435781451.007");
    f(1_435_781_451_000, "1435781451");
    f(-1, "-0.001");
    f(-1500, "-1.5");
    f(-2000, "-2");
  });

  test("value JSON - writes a matrix with shared and own timestamps, and both zeros", () => {
    const series = [
      { labels: Labels.fromObject({ a: "1" }), timestamps: Float64Array.of(0, 15), values: Float64Array.of(0, -0) },
      { labels: Labels.fromObject({ a: "2" }), timestamps: Float64Array.of(0, 20), values: Float64Array.of(-0, NaN) },
      { labels: Labels.EMPTY, timestamps: Float64Array.of(15), values: Float64Array.of(NaN) },
    ];
    expect(text({ type: "matrix", series })).toBe(
      "[" +
        '{"metric":{"a":"1"},"values":[[0,"0"],[0.015,"-0"]]},' +
        '{"metric":{"a":"2"},"values":[[0,"-0"],[0.02,"NaN"]]},' +
        '{"metric":{},"values":[[0.015,"NaN"]]}]',
    );
  });

  test("value JSON - keeps the order of labels and escapes them", () => {
    const labels = Labels.fromEntries([
      ["__proto__", "a"],
      ["10", 'q"\\\n'],
      ["9", "\u2028\ud83e\udd86"],
    ]);
    expect(labelsJson(labels)).toBe('{"10":"q\\"\\\\\\n","9":"\u2028\ud83e\udd86","__proto__":"a"}');
  });

  test("value JSON - writes native histograms", () => {
    const samples = [{ labels: Labels.EMPTY, timestampMs: 1000, value: 0, histogram: HISTOGRAM }];
    const histogram =
      '{"count":"9","sum":"10.5","buckets":[[1,"-2","-1","3"],[3,"-0.001","0.001","2"],[0,"0.5","1","1"],[0,"2","4","3"]]}';
    expect(text({ type: "vector", samples })).toBe(`[{"metric":{},"histogram":[1,${histogram}]}]`);
    const series = {
      labels: Labels.EMPTY,
      timestamps: Float64Array.of(0, 1000),
      values: Float64Array.of(5, 0),
      histograms: [undefined, HISTOGRAM],
    };
    expect(text({ type: "matrix", series: [series] })).toBe(
      `[{"metric":{},"values":[[0,"5"]],"histograms":[[1,${histogram}]]}]`,
    );
  });

  test("value JSON - writes histograms of custom buckets", () => {
    const custom = { ...HISTOGRAM, schema: -53, zeroCount: 0, negativeBuckets: [], customBounds: [1, 5] };
    const samples = [{ labels: Labels.EMPTY, timestampMs: 0, value: 0, histogram: custom }];
    expect(text({ type: "vector", samples })).toContain('"buckets":[[0,"-Inf","1","1"],[0,"5","+Inf","3"]]');
  });
});
