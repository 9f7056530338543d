import { createHash } from "node:crypto";
import { Labels } from "@monotreme/model";
import { expect, test } from "vitest";
import { DEFAULT_RELABEL_CONFIG, type RelabelConfig } from "./relabel-config.ts";
import { compileRelabelConfigs, RelabelConfigError } from "./relabel-rules.ts";

type Steps = readonly Partial<RelabelConfig>[];
type LabelObject = Readonly<Record<string, string>>;

function relabel(steps: Steps, labels: LabelObject): LabelObject | undefined {
  const rules = compileRelabelConfigs(steps.map((step) => ({ ...DEFAULT_RELABEL_CONFIG, ...step })));
  return rules.apply(Labels.fromObject(labels))?.toObject();
}

function f(name: string, steps: Steps, before: LabelObject, after: LabelObject | undefined): void {
  test(`relabel - ${name}`, () => {
    expect(relabel(steps, before)).toEqual(after);
  });
}

const abc = { a: "foo", b: "bar", c: "baz" };

f("replace copies with the defaults", [{ sourceLabels: ["a"], targetLabel: "d" }], abc, { ...abc, d: "foo" });
f(
  "replace joins sources and expands groups",
  [{ sourceLabels: ["a", "b"], regex: "f(.*);(?P<last>.*)r", targetLabel: "d", replacement: "${1}-${last}-$$-$x-$" }],
  abc,
  { ...abc, d: "oo-ba-$--$" },
);
f("replace leaves labels alone without a match", [{ sourceLabels: ["a"], regex: "fo", targetLabel: "a" }], abc, abc);
f("replace deletes with an empty result", [{ sourceLabels: ["a"], targetLabel: "b", replacement: "" }], abc, {
  a: "foo",
  c: "baz",
});
f(
  "replace reads an absent label as empty",
  [{ sourceLabels: ["x"], regex: "", targetLabel: "d", replacement: "none" }],
  abc,
  {
    ...abc,
    d: "none",
  },
);
f("replace without sources sets a constant", [{ targetLabel: "d", replacement: "static" }], abc, {
  ...abc,
  d: "static",
});
f("replace expands the target", [{ sourceLabels: ["a"], targetLabel: "${1}_x", replacement: "v" }], abc, {
  ...abc,
  foo_x: "v",
});
f("replace skips an empty expanded target", [{ sourceLabels: ["x"], targetLabel: "$1", replacement: "v" }], abc, abc);
f("replace takes the longest group name", [{ sourceLabels: ["a"], targetLabel: "d", replacement: "x$1x" }], abc, {
  ...abc,
  d: "x",
});
f(
  "regex is anchored and lets the dot match newlines",
  [{ sourceLabels: ["a"], regex: "f.o", targetLabel: "d", replacement: "hit" }],
  { a: "f\no" },
  {
    a: "f\no",
    d: "hit",
  },
);
f("keep drops what does not match", [{ sourceLabels: ["a"], regex: "fo", action: "keep" }], abc, undefined);
f("keep keeps alternatives", [{ sourceLabels: ["a"], regex: "x|foo", action: "keep" }], abc, abc);
f(
  "keep compares joined values",
  [{ sourceLabels: ["a", "b"], separator: "-", regex: "foo-bar", action: "keep" }],
  abc,
  abc,
);
f("drop drops what matches", [{ sourceLabels: ["a"], regex: "f.*", action: "drop" }], abc, undefined);
f("drop keeps the rest", [{ sourceLabels: ["a"], regex: "x.*|y", action: "drop" }], abc, abc);
f("drop ends the list", [{ sourceLabels: ["a"], regex: ".+", action: "drop" }, { targetLabel: "d" }], abc, undefined);
f(
  "keepequal keeps equal values",
  [{ sourceLabels: ["a"], targetLabel: "b", action: "keepequal" }],
  { a: "1", b: "1" },
  { a: "1", b: "1" },
);
f("keepequal drops unequal values", [{ sourceLabels: ["a"], targetLabel: "b", action: "keepequal" }], abc, undefined);
f("dropequal drops equal values", [{ sourceLabels: ["x"], targetLabel: "y", action: "dropequal" }], abc, undefined);
f("dropequal keeps unequal values", [{ sourceLabels: ["a"], targetLabel: "b", action: "dropequal" }], abc, abc);
f(
  "labelmap copies by name",
  [{ regex: "__meta_(.+)", action: "labelmap" }],
  { __meta_x: "1", y: "2" },
  { __meta_x: "1", x: "1", y: "2" },
);
f(
  "labelmap copies only what was there before",
  [{ regex: "(.*)", replacement: "x_$1", action: "labelmap" }],
  { a: "1" },
  { a: "1", x_a: "1" },
);
f("labelmap lets the last label win", [{ regex: "[ab]", replacement: "same", action: "labelmap" }], abc, {
  ...abc,
  same: "bar",
});
f(
  "labelmap reads changed labels after unchanged ones",
  [
    { targetLabel: "a", replacement: "new" },
    { regex: "[ab]", replacement: "same", action: "labelmap" },
  ],
  abc,
  { ...abc, a: "new", same: "new" },
);
f("labeldrop drops by name", [{ regex: "[ab]", action: "labeldrop" }], abc, { c: "baz" });
f("labelkeep keeps by name", [{ regex: "[ab]", action: "labelkeep" }], abc, { a: "foo", b: "bar" });
f("labelkeep may leave nothing without dropping", [{ regex: "x", action: "labelkeep" }], abc, {});
f("lowercase", [{ sourceLabels: ["a"], targetLabel: "a", action: "lowercase" }], { a: "FoO ÜΣİ" }, { a: "foo üσi" });
f("uppercase", [{ sourceLabels: ["a"], targetLabel: "a", action: "uppercase" }], { a: "foo üßᾀ𐐨" }, { a: "FOO Üßᾈ𐐀" });
f(
  "steps see each other's results",
  [
    { targetLabel: "d", replacement: "1" },
    { sourceLabels: ["d"], targetLabel: "e" },
  ],
  {},
  { d: "1", e: "1" },
);
f(
  "a deleted label is absent",
  [
    { regex: "a", action: "labeldrop" },
    { sourceLabels: ["a"], regex: "", action: "keep" },
  ],
  abc,
  { b: "bar", c: "baz" },
);

test("relabel - hashmod takes the last eight bytes of the MD5 as one big-endian number", () => {
  const bytes = createHash("md5").update("foo;bar").digest("hex").slice(16);
  const expected = String(BigInt(`0x${bytes}`) % 1000n);
  expect(relabel([{ sourceLabels: ["a", "b"], targetLabel: "d", modulus: 1000, action: "hashmod" }], abc)?.d).toBe(
    expected,
  );
});

test("relabel - no steps, and steps that change nothing, give back the same object", () => {
  const labels = Labels.fromObject(abc);
  expect(compileRelabelConfigs([]).apply(labels)).toBe(labels);
  expect(compileRelabelConfigs([]).isIdentity).toBe(true);
  const keep = compileRelabelConfigs([{ ...DEFAULT_RELABEL_CONFIG, action: "keep" }]);
  expect(keep.apply(labels)).toBe(labels);
  expect(keep.isIdentity).toBe(false);
});

test("relabel - the legacy scheme skips an expanded target that is no classic name", () => {
  const config = { ...DEFAULT_RELABEL_CONFIG, sourceLabels: ["a"], targetLabel: "$1", replacement: "v" };
  const labels = Labels.fromObject({ a: "x.y" });
  expect(compileRelabelConfigs([config], "legacy").apply(labels)?.toObject()).toEqual({ a: "x.y" });
  expect(compileRelabelConfigs([config]).apply(labels)?.toObject()).toEqual({ a: "x.y", "x.y": "v" });
});

test("relabel - an invalid step is refused with its position", () => {
  const bad: RelabelConfig = { ...DEFAULT_RELABEL_CONFIG, targetLabel: "a", regex: "(" };
  const compile = (): unknown => compileRelabelConfigs([{ ...bad, regex: "ok" }, bad]);
  expect(compile).toThrow(RelabelConfigError);
  expect(compile).toThrow(/^relabelling step 2: regex "\(" cannot be compiled/);
});
