import { expect, test } from "vitest";
import { RangeCutter, rangeCondition } from "./series-ranges.ts";

function conditionsOf(metrics: readonly (readonly [id: bigint, chunks: number])[]): readonly string[] {
  const cutter = new RangeCutter(10);
  for (const [id, chunks] of metrics) cutter.add(id, chunks);
  return cutter.finish().map(rangeCondition);
}

test("series ranges - small metrics come together, as many as there is room for", () => {
  expect(conditionsOf([])).toEqual([]);
  expect(
    conditionsOf([
      [1n, 4],
      [2n, 6],
      [3n, 1],
    ]),
  ).toEqual(["metric_id >= 1 AND metric_id <= 2", "metric_id >= 3 AND metric_id <= 3"]);
});

test("series ranges - a large metric is cut by the ids of its series, without gap or overlap", () => {
  const conditions = conditionsOf([
    [1n, 4],
    [2n, 30],
    [3n, 1],
  ]);
  expect(conditions).toEqual([
    "metric_id >= 1 AND metric_id <= 1",
    "metric_id >= 2 AND metric_id <= 2 AND series_id >= 0 AND series_id <= 6148914691236517204",
    "metric_id >= 2 AND metric_id <= 2 AND series_id >= 6148914691236517205 AND series_id <= 12297829382473034409",
    "metric_id >= 2 AND metric_id <= 2 AND series_id >= 12297829382473034410 AND series_id <= 18446744073709551615",
    "metric_id >= 3 AND metric_id <= 3",
  ]);
});
