import { Labels } from "@monotreme/model";
import { expect, test } from "vitest";
import { Annotations } from "./annotations.ts";

const POSITION = { start: 4, end: 6, line: 1, column: 5 };
const LABELS = Labels.fromObject({ __name__: "m" });

test("annotations - each text once, with line and column where the text is known", () => {
  const annotations = new Annotations("abs(x)");
  annotations.warn("a", POSITION);
  annotations.warn("a", POSITION);
  annotations.inform("b", { ...POSITION, line: 2 });
  expect(annotations.warnings(0)).toEqual(["PromQL warning: a (1:5)"]);
  expect(annotations.infos(0)).toEqual(["PromQL info: b (2:5)"]);
  const nameless = new Annotations(undefined);
  nameless.warn("a", POSITION);
  expect(nameless.warnings(0)).toEqual(["PromQL warning: a"]);
});

test("annotations - beyond the limit they are only counted", () => {
  const annotations = new Annotations(undefined);
  for (const text of ["a", "b", "c"]) annotations.warn(text, POSITION);
  expect(annotations.warnings(2)).toEqual([
    "PromQL warning: a",
    "PromQL warning: b",
    "1 more warning annotations omitted",
  ]);
});

test("annotations - all fixes of one metric come to one info with their extremes", () => {
  const annotations = new Annotations("abs(x)");
  annotations.informFixed(LABELS, { fromBound: 2.5, toBound: 10, maxDifference: 3 }, 1_700_000_060_000, POSITION);
  annotations.informFixed(LABELS, { fromBound: 5, toBound: 100, maxDifference: 123 }, 1_700_000_000_500, POSITION);
  annotations.informFixed(Labels.EMPTY, { fromBound: 1, toBound: 2, maxDifference: 0.5 }, 0, POSITION);
  const head =
    "PromQL info: input to histogram_quantile needed to be fixed for monotonicity " +
    "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)";
  expect(annotations.infos(0)).toEqual([
    `${head} for metric name "m", from buckets 2.5 to 100, with a max diff of 1.2e+02, ` +
      "over 2 samples from 2023-11-14T22:13:20.5Z to 2023-11-14T22:14:20Z (1:5)",
    `${head} for metric name "", from buckets 1 to 2, with a max diff of 0.5, ` +
      "over 1 samples from 1970-01-01T00:00:00Z to 1970-01-01T00:00:00Z (1:5)",
  ]);
});
