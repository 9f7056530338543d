import { describe, expect, test } from "vitest";
import { decide } from "./decide.ts";
import type { LogState } from "./notification-log.ts";

describe("decide", () => {
  const REPEAT = 1000;
  const entry = (firing: string, resolved: string, sentAtMs = 0): LogState => ({
    sentAtMs,
    flushMs: sentAtMs,
    firing: new Set(firing),
    resolved: new Set(resolved),
    open: new Set(firing),
    receiverData: {},
  });
  /** Each letter is an alert. */
  const f = (state: LogState | undefined, firing: string, resolved: string, sendResolved = true, flushMs = REPEAT) =>
    decide(
      state,
      { firing: new Set(firing), resolved: new Set(resolved), flushMs },
      { sendResolved, repeatIntervalMs: REPEAT },
    );

  test("without an entry only what fires is told", () => {
    expect(f(undefined, "a", "")).toBe("first notification");
    expect(f(undefined, "a", "b")).toBe("first notification");
    expect(f(undefined, "", "a")).toBeUndefined();
    expect(f(undefined, "", "")).toBeUndefined();
  });

  test("what fires and is not in the entry is told", () => {
    expect(f(entry("a", ""), "ab", "")).toBe("new alerts added");
    expect(f(entry("a", ""), "b", "a")).toBe("new alerts added");
    expect(f(entry("", "a"), "a", "")).toBe("first notification");
  });

  test("the end of all is told once, and logged without send_resolved too", () => {
    expect(f(entry("a", ""), "", "a")).toBe("all alerts resolved");
    expect(f(entry("a", ""), "", "a", false)).toBe("all alerts resolved");
    expect(f(entry("", "a"), "", "a")).toBeUndefined();
    expect(f(entry("", "a"), "", "ab")).toBeUndefined();
  });

  test("the end of some is told once, with send_resolved", () => {
    expect(f(entry("ab", ""), "a", "b")).toBe("some alerts resolved");
    expect(f(entry("ab", ""), "a", "b", false)).toBeUndefined();
    expect(f(entry("a", "b"), "a", "b")).toBeUndefined();
    expect(f(entry("ab", ""), "a", "")).toBeUndefined();
  });

  test("the same is told again after more than the repeat interval", () => {
    expect(f(entry("a", ""), "a", "", true, REPEAT)).toBeUndefined();
    expect(f(entry("a", ""), "a", "", true, REPEAT + 1)).toBe("repeat interval elapsed");
    expect(f(entry("", "a"), "", "a", true, 10 * REPEAT)).toBeUndefined();
  });
});
