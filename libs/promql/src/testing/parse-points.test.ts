import { describe, expect, test } from "vitest";
import { parsePoints, parseStartOffsets } from "./parse-points.ts";
import { ScriptError } from "./script-error.ts";

function short(text: string): (number | string)[] {
  return parsePoints(text).map((point) => {
    if (point.kind === "float") return point.value;
    return point.kind === "histogram" ? `h${point.histogram.count}` : point.kind;
  });
}

describe("script points - sequences", () => {
  const f = (text: string, expected: readonly (number | string)[]) =>
    test(text, () => {
      expect(short(text)).toEqual(expected);
    });
  f("1 2.5 -3", [1, 2.5, -3]);
  f("0+10x3", [0, 10, 20, 30]);
  f("5-2x2", [5, 3, 1]);
  f("-1-1x2", [-1, -2, -3]);
  f("1e-3+1e-3x1", [0.001, 0.002]);
  f("1e-3x1", [0.001, 0.001]);
  f("0x3", [0, 0, 0, 0]);
  f("7x0", [7]);
  f("_ _x2 stale 1", ["none", "none", "none", "stale", 1]);
  f("stalex1", ["stale", "stale"]);
  f("NaN Inf -Inf +Infx1", [Number.NaN, Infinity, -Infinity, Infinity, Infinity]);
  f("{{count:2 sum:1}} 3 {{}}x1", ["h2", 3, "h0", "h0"]);
  f("{{count:2}}+{{count:3}}x2", ["h2", "h5", "h8"]);
  f("{{count:8}}-{{count:3}}x1", ["h8", "h5"]);
});

test("script points - histograms take every property", () => {
  const text =
    "{{schema:1 sum:3 count:22 z_bucket:1 z_bucket_w:0.001 buckets:[5 10 7] offset:-1 n_buckets:[4] n_offset:2 counter_reset_hint:gauge}}";
  expect(parsePoints(text)).toEqual([
    {
      kind: "histogram",
      hasHint: true,
      histogram: {
        schema: 1,
        counterResetHint: "gauge",
        zeroThreshold: 0.001,
        zeroCount: 1,
        count: 22,
        sum: 3,
        positiveOffset: -1,
        positiveBuckets: [5, 10, 7],
        negativeOffset: 2,
        negativeBuckets: [4],
        customBounds: [],
      },
    },
  ]);
});

test("script points - a sum of different resolutions has the lower one", () => {
  const [, second] = parsePoints(
    "{{schema:-1 count:1 buckets:[1] offset:1}}+{{schema:0 count:4 buckets:[2 2] offset:1}}x1",
  );
  expect(second).toMatchObject({ histogram: { schema: -1, count: 5, positiveOffset: 1, positiveBuckets: [5] } });
});

test("script points - start timestamps are durations before or after their sample", () => {
  expect(parseStartOffsets("_ -30s-1mx2 0 +1m -59999msx1")).toEqual([
    undefined,
    -30_000,
    -90_000,
    -150_000,
    0,
    60_000,
    -59_999,
    -59_999,
  ]);
});

describe("script points - faults", () => {
  const f = (text: string) =>
    test(text, () => {
      expect(() => parsePoints(text)).toThrow(ScriptError);
    });
  f("abc");
  f("1+x3");
  f("1x9999999999");
  f("{{count:x}}");
  f("{{unknown:1}}");
  f("{{count:1}");
  f("{{counter_reset_hint:maybe}}");
});
