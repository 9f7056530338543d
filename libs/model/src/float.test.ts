import fc from "fast-check";
import { expect, test } from "vitest";
import { formatFloat, parseFloatGo } from "./float.ts";

test("float - is written in Go's shortest form", () => {
  const f = (value: number, expected: string): void => expect(formatFloat(value)).toBe(expected);
  f(1, "1");
  f(-0.5, "-0.5");
  f(1e20, "100000000000000000000");
  f(1e21, "1e+21");
  f(0.000001, "0.000001");
  f(0.0000001, "1e-07");
  f(1.5e-10, "1.5e-10");
  f(5e-324, "5e-324");
  f(-0, "-0");
  f(Number.NaN, "NaN");
  f(Infinity, "+Inf");
  f(-Infinity, "-Inf");
});

test("float - what is written reads back to the same bits", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      expect(parseFloatGo(formatFloat(value))).toBe(value);
    }),
  );
});

test("float - refuses what Go refuses", () => {
  for (const text of ["", "1x", "--1", "1e", ".", "0x", "1 ", "in", "nan1"])
    expect(parseFloatGo(text), text).toBeUndefined();
  expect(parseFloatGo("+Inf")).toBe(Infinity);
  expect(parseFloatGo("nan")).toBeNaN();
});
