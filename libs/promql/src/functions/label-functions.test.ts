import { compileAnchored } from "@monotreme/model";
import { describe, expect, test } from "vitest";
import { expandTemplate } from "./expand-template.ts";
import { isValidLabelName } from "./label-name.ts";
import { compareNatural } from "./natural-order.ts";

describe("expand template", () => {
  test.each([
    ["$1-$2", "ab-cd"],
    ["${1}x", "abx"],
    ["$1x", ""],
    ["$name", "ab"],
    ["${name}_", "ab_"],
    ["$$1", "$1"],
    ["$9", ""],
    ["$unknown.", "."],
    ["${1", "${1"],
    ["a$", "a$"],
    ["$-", "$-"],
  ])("expand template - %s gives %s", (template, expected) => {
    const matcher = compileAnchored("(?P<name>a.)-(c.)").matcher("ab-cd");
    expect(matcher.matches()).toBe(true);
    expect(expandTemplate(template, matcher)).toBe(expected);
  });
});

describe("natural order", () => {
  test("natural order - numbers by their size, all else by bytes", () => {
    const sorted = ["10", "9", "4m1000", "4m5", "v1.11.3", "v1.2.3", "", "b", "a"].toSorted(compareNatural);
    expect(sorted).toEqual(["", "4m5", "4m1000", "9", "10", "a", "b", "v1.2.3", "v1.11.3"]);
  });

  test("natural order - numbers beyond 2^53 are still told apart", () => {
    expect(compareNatural("9007199254740993", "9007199254740992")).toBeGreaterThan(0);
  });
});

describe("label names", () => {
  test("label names - any valid text but the empty one", () => {
    expect(isValidLabelName("http.status")).toBe(true);
    expect(isValidLabelName("")).toBe(false);
    expect(isValidLabelName("a\ufffdz")).toBe(false);
    expect(isValidLabelName("a\ud800")).toBe(false);
  });
});
