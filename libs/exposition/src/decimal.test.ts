import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSampleFloat, scanDecimal, scanMilliseconds } from "./decimal.ts";

function scan(text: string): { value: number; end: number } {
  const out = new Float64Array(1);
  const end = scanDecimal(Buffer.from(`${text}\n`), 0, out, 0);
  return { value: out[0] ?? 0, end };
}

function reads(text: string, value: number): void {
  test(`scan decimal - reads ${text}`, () => {
    expect(scan(text)).toEqual({ value, end: text.length });
    expect(Object.is(scan(text).value, value)).toBe(true);
  });
}

reads("0", 0);
reads("-0", -0);
reads("1.5", 1.5);
reads(".5", 0.5);
reads("5.", 5);
reads("1e9", 1e9);
reads("1.234567e+09", 1234567000);
reads("-2.5E-3", -0.0025);
reads("9007199254740991", 9007199254740991);
reads("0.000123", 0.000123);

function leaves(text: string): void {
  test(`scan decimal - leaves ${JSON.stringify(text)} to the slow way`, () => {
    expect(scan(text).end).toBe(-1);
  });
}

leaves("");
leaves(".");
leaves("-");
leaves("NaN");
leaves("+1");
leaves("1e");
leaves("1e+");
leaves("1e400");
leaves("9007199254740993");
leaves("0.12345678901234567890");

test("scan decimal - every double that it takes is the one that Number gives", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(20), (value, digits) => {
      for (const text of [String(value), value.toPrecision(digits + 1), value.toExponential(digits)]) {
        const { value: scanned, end } = scan(text);
        if (end >= 0) expect(scanned).toBe(Number(text));
      }
    }),
    { numRuns: 1000 },
  );
});

test("scan milliseconds - takes up to 15 digits and stops at the next byte", () => {
  const out = new Float64Array(1);
  expect(scanMilliseconds(Buffer.from("1700000000123\n"), 0, out, 0)).toBe(13);
  expect(out[0]).toBe(1700000000123);
  expect(scanMilliseconds(Buffer.from("x\n"), 0, out, 0)).toBe(-1);
  expect(scanMilliseconds(Buffer.from("1234567890123456\n"), 0, out, 0)).toBe(-1);
});

test("sample float - refuses what Go refuses", () => {
  for (const text of ["", "x", "0x10", "1_000", "1e400", "-1e400", "1p3", "1\r", "--1", "1 2", "infinit"]) {
    expect([text, parseSampleFloat(text)]).toEqual([text, undefined]);
  }
});

test("sample float - reads infinities and NaN in any case", () => {
  expect(parseSampleFloat("+Inf")).toBe(Infinity);
  expect(parseSampleFloat("-infinity")).toBe(-Infinity);
  expect(parseSampleFloat("nAn")).toBeNaN();
  expect(parseSampleFloat("1e-400")).toBe(0);
});
