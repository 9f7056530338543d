import { describe, expect, test } from "vitest";
import { parseQueryDurationMs, parseTimeMs, RequestParameters } from "./request-parameters.ts";

describe("request parameters", () => {
  describe("times", () => {
    const f = (text: string, expected: number | undefined): void =>
      test(`request parameters - time ${JSON.stringify(text)}`, () => expect(parseTimeMs(text)).toBe(expected));
    f("0", 0);
    f("1435781451.781", 1_435_781_451_781);
    f("1435781451.7815", 1_435_781_451_782);
    f("-1.5", -1500);
    f("1e3", 1_000_000);
    f("+Inf", Number.MAX_SAFE_INTEGER);
    f("1e300", Number.MAX_SAFE_INTEGER);
    f("2015-07-01T20:10:51.781Z", 1_435_781_451_781);
    f("2015-07-01T22:10:51+02:00", 1_435_781_451_000);
    f("-292273086-05-16T16:47:06Z", -Number.MAX_SAFE_INTEGER);
    f("292277025-08-18T07:12:54.999999999Z", Number.MAX_SAFE_INTEGER);
    f("", undefined);
    f("NaN", undefined);
    f("2015-07-01", undefined);
    f("2015-07-01T20:10:51", undefined);
    f("2015-13-01T20:10:51Z", undefined);
    f("now", undefined);
  });

  describe("durations", () => {
    const f = (text: string, expected: number | undefined): void =>
      test(`request parameters - duration ${JSON.stringify(text)}`, () =>
        expect(parseQueryDurationMs(text)).toBe(expected));
    f("15", 15_000);
    f("0.25", 250);
    f("-1", -1000);
    f("5m", 300_000);
    f("1h30m", 5_400_000);
    f("1d12h", 129_600_000);
    f("10ms", 10);
    f("", undefined);
    f("5 m", undefined);
    f("m5", undefined);
    f("NaN", undefined);
    f("Inf", undefined);
    f("1e12", undefined);
  });

  test("request parameters - takes the form's value before the address', and all of both", () => {
    const parameters = new RequestParameters("/p?a=1&b=2&c=", "a=3&a=4");
    expect([parameters.text("a"), parameters.text("b"), parameters.text("c")]).toEqual(["3", "2", ""]);
    expect(parameters.all("a")).toEqual(["3", "4", "1"]);
  });

  test("request parameters - reads signs that forms encode", () => {
    expect(new RequestParameters("/p?query=a%2Bb+c", undefined).text("query")).toBe("a+b c");
  });
});
