import { formatFloat } from "@monotreme/model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonBytes } from "./json-bytes.ts";

function quoted(value: number): string {
  const bytes = new JsonBytes(8);
  bytes.quotedFloat(value);
  return bytes.take().toString();
}

describe("JSON bytes", () => {
  const f = (value: number, expected: string): void =>
    test(`JSON bytes - ${expected}`, () => expect(quoted(value)).toBe(`"${expected}"`));
  f(0, "0");
  f(-0, "-0");
  f(1, "1");
  f(-1200, "-1200");
  f(0.001, "0.001");
  f(-0.05, "-0.05");
  f(10.01, "10.01");
  f(999_999_999_999.999, "999999999999.999");
  f(1e15, "1000000000000000");
  f(1e21, "1e+21");
  f(1e-7, "1e-07");
  f(0.1 + 0.2, "0.30000000000000004");
  f(Number.MAX_VALUE, "1.7976931348623157e+308");
  f(Number.NaN, "NaN");
  f(-Infinity, "-Inf");

  test("JSON bytes - writes every float as the model formats it", () => {
    const decimals = fc.tuple(fc.integer(), fc.constantFrom(1, 10, 100, 1000, 1e4)).map(([a, b]) => a / b);
    const large = fc.maxSafeInteger().map((whole) => whole / 1000);
    fc.assert(
      fc.property(fc.oneof(fc.double(), decimals, large), (value) => quoted(value) === `"${formatFloat(value)}"`),
    );
  });

  test("JSON bytes - keeps what was written when it grows, and starts anew when taken", () => {
    const bytes = new JsonBytes(4);
    bytes.text("ä🦆");
    bytes.raw(Buffer.from("[1,"));
    bytes.quotedFloat(0.25);
    const first = bytes.take();
    bytes.text("x");
    expect([first.toString(), bytes.take().toString(), bytes.length]).toEqual(['ä🦆[1,"0.25"', "x", 0]);
  });
});
