import { describe, expect, test } from "vitest";
import { formatPlainFloat } from "./plain-float.ts";

describe("plain float", () => {
  test.each([
    [6, "6"],
    [0.1, "0.1"],
    [1.5e21, "1500000000000000000000"],
    [-2e22, "-20000000000000000000000"],
    [1.25e-7, "0.000000125"],
    [Number.NaN, "NaN"],
    [Infinity, "+Inf"],
  ])("plain float - %d is %s", (value, expected) => {
    expect(formatPlainFloat(value)).toBe(expected);
  });
});
