import { Labels } from "@monotreme/model";
import { compileRelabelConfigs } from "@monotreme/relabel";
import { describe, expect, test } from "vitest";
import { seriesFault, storedLabels } from "./series-labels.ts";

const NO_RULES = compileRelabelConfigs([]);

function stored(exposed: Record<string, string>, target: Record<string, string>, honorLabels: boolean) {
  const options = { targetLabels: Labels.fromObject(target), honorLabels, metricRelabel: NO_RULES };
  return storedLabels(Labels.fromObject(exposed), options)?.toObject();
}

describe("series labels", () => {
  const f = (
    name: string,
    exposed: Record<string, string>,
    target: Record<string, string>,
    expected: Record<string, string>,
    honorLabels = false,
  ) => test(`series labels - ${name}`, () => expect(stored(exposed, target, honorLabels)).toEqual(expected));
  f("the target's labels are added", { a: "1" }, { job: "j" }, { a: "1", job: "j" });
  f("a clash moves to exported_", { job: "x" }, { job: "j" }, { exported_job: "x", job: "j" });
  f(
    "the prefix repeats until the name is free",
    { job: "x", exported_job: "y" },
    { job: "j" },
    { exported_exported_job: "x", exported_job: "y", job: "j" },
  );
  f(
    "a target label of the exported name counts as taken",
    { job: "x" },
    { job: "j", exported_job: "t" },
    { exported_exported_job: "x", exported_job: "t", job: "j" },
  );
  f("honoured labels win", { job: "x" }, { job: "j", instance: "i" }, { job: "x", instance: "i" }, true);

  const limits = { labelLimit: 0, labelNameLengthLimit: 0, labelValueLengthLimit: 0, scheme: "utf8" as const };
  const faultOf = (labels: Record<string, string>, over: Partial<typeof limits> | { scheme: "legacy" }) =>
    seriesFault(Labels.fromObject(labels), { ...limits, ...over });

  test("series labels - the name counts towards the label limit", () => {
    expect(faultOf({ __name__: "m", a: "1" }, { labelLimit: 2 })).toBeUndefined();
    expect(faultOf({ __name__: "m", a: "1", b: "2" }, { labelLimit: 2 })).toMatchObject({ isLimit: true });
  });

  test("series labels - lengths are counted in bytes", () => {
    expect(faultOf({ __name__: "m", a: "éé" }, { labelValueLengthLimit: 4 })).toBeUndefined();
    expect(faultOf({ __name__: "m", a: "ééé" }, { labelValueLengthLimit: 5 })?.message).toMatch(/length: 6, limit: 5/);
    expect(faultOf({ __name__: "m", abcdefghi: "1" }, { labelNameLengthLimit: 8 })?.message).toMatch(
      /label_name_length/,
    );
  });

  test("series labels - a series needs a name, and a legacy one under the legacy scheme", () => {
    expect(faultOf({ a: "1" }, {})?.message).toMatch(/missing metric name/);
    expect(faultOf({ __name__: "m.n" }, {})).toBeUndefined();
    expect(faultOf({ __name__: "m.n" }, { scheme: "legacy" })?.message).toMatch(/invalid metric name/);
  });
});
