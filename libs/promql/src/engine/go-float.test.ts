import { expect, test } from "vitest";
import { formatGoFloat } from "./go-float.ts";

test("go float - %g: the shortest form, with an exponent below 1e-4 and from 1e6 on", () => {
  const f = (value: number, text: string): void => expect(formatGoFloat(value)).toBe(text);
  f(0, "0");
  f(-1, "-1");
  f(1.5, "1.5");
  f(100, "100");
  f(0.0001, "0.0001");
  f(0.00001, "1e-05");
  f(123456, "123456");
  f(1e6, "1e+06");
  f(-123456789, "-1.23456789e+08");
  f(1e100, "1e+100");
  f(Number.NaN, "NaN");
  f(Infinity, "+Inf");
  f(-Infinity, "-Inf");
});

test("go float - %.2g: two digits, with an exponent where they do not suffice", () => {
  const f = (value: number, text: string): void => expect(formatGoFloat(value, 2)).toBe(text);
  f(10, "10");
  f(0.5, "0.5");
  f(0.126, "0.13");
  f(100, "1e+02");
  f(123, "1.2e+02");
});
