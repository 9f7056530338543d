import { describe, expect, test } from "vitest";
import { backOffMs } from "./back-off.ts";
import { failureFrom, failureText } from "./failure-text.ts";

describe("back-off", () => {
  test("grows by half from half a second to a minute", () => {
    const middle = [1, 2, 3, 4, 12, 13, 50].map((failures) => backOffMs(failures, undefined, () => 0.5));
    expect(middle).toEqual([500, 750, 1125, 1688, 43_249, 60_000, 60_000]);
  });

  test("varies by half in both directions", () => {
    expect(backOffMs(1, undefined, () => 0)).toBe(250);
    expect(backOffMs(1, undefined, () => 0.999_999)).toBe(750);
  });

  test("is at least what the service asked for", () => {
    expect(backOffMs(1, 20_000, () => 0.5)).toBe(20_000);
    expect(backOffMs(13, 20_000, () => 0.5)).toBe(60_000);
  });
});

describe("failure text", () => {
  test("keeps the reason and the message", () => {
    const failure = { reason: "authError", message: "401: other: no" } as const;
    expect(failureFrom(failureText(failure))).toEqual(failure);
    expect(failureFrom("job stalled more than allowable limit")).toEqual({
      reason: "other",
      message: "job stalled more than allowable limit",
    });
  });
});
