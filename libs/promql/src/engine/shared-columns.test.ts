import { Labels, wordsOf, writeStaleAt } from "@monotreme/model";
import { expect, test } from "vitest";
import { bucketize } from "../buckets/bucketize.ts";
import { plainView } from "../buckets/plain-view.ts";
import { RANGE_FUNCTIONS } from "../functions/range-function-table.ts";
import { parseExpression } from "../parser/parse-expression.ts";
import type { SeriesSamples } from "../value.ts";
import { Engine } from "./engine.ts";

const COUNT = 400;
const RESOLUTION_MS = 300_000;

/** Two series that share one column of timestamps, raw and in buckets. */
function sharedSeries(isDownsampled: boolean): SeriesSamples[] {
  const timestamps = Float64Array.from({ length: COUNT }, (_, i) => i * 15_000);
  return ["a", "b"].map((instance) => {
    const labels = Labels.fromObject({ __name__: "x_total", job: "j", instance });
    const values = Float64Array.from({ length: COUNT }, (_, i) => (i * 7) % 90);
    writeStaleAt(wordsOf(values), instance === "a" ? 100 : 399);
    if (!isDownsampled) return { labels, timestamps, values };
    const buckets = bucketize({ timestamps, values }, RESOLUTION_MS);
    return { labels, ...plainView(buckets), buckets, resolutionMs: RESOLUTION_MS };
  });
}

function bytesOf(series: readonly SeriesSamples[]): Uint8Array[] {
  return series.flatMap(({ timestamps, values, buckets }) =>
    [timestamps, values, ...Object.values(buckets ?? {}).filter((column) => column instanceof Float64Array)].map(
      (column) => new Uint8Array(column.slice().buffer),
    ),
  );
}

const CALLS = [...RANGE_FUNCTIONS.keys()].map((name) => {
  if (name === "quantile_over_time") return `${name}(0.5, x_total[20m])`;
  if (name === "predict_linear") return `${name}(x_total[20m], 60)`;
  if (name === "double_exponential_smoothing") return `${name}(x_total[20m], 0.5, 0.5)`;
  return `${name}(x_total[20m])`;
});

test.each([false, true])("shared columns - the engine writes to none (downsampled: %s)", async (isDownsampled) => {
  const series = sharedSeries(isDownsampled);
  const before = bytesOf(series);
  const source = { select: async () => series };
  const others = [
    "x_total",
    "timestamp(x_total)",
    "-x_total",
    "sort(x_total)",
    "rate(x_total[20m] smoothed)",
    "x_total[20m]",
  ];
  for (const text of [...CALLS, ...others]) {
    const expression = parseExpression(text, { experimentalFunctions: true, extendedRangeSelectors: true });
    const isRange = !text.startsWith("x_total[");
    const range = { startMs: 3_600_000, endMs: 5_400_000, stepMs: isRange ? 70_000 : 0 };
    const { value } = await new Engine().query(source, expression, range);
    expect(value).toMatchObject({ type: "matrix" });
  }
  expect(bytesOf(series)).toEqual(before);
});
