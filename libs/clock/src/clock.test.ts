import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MAX_TIMER_MS, SYSTEM_CLOCK } from "./clock.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("clock - a delay longer than a timer can hold is waited for in full", () => {
  let calls = 0;
  SYSTEM_CLOCK.after(MAX_TIMER_MS + 1000, () => calls++);
  vi.advanceTimersByTime(MAX_TIMER_MS + 999);
  expect(calls).toBe(0);
  vi.advanceTimersByTime(1);
  expect(calls).toBe(1);
});

test("clock - a long delay can be called off in its second part", () => {
  let calls = 0;
  const cancel = SYSTEM_CLOCK.after(MAX_TIMER_MS + 1000, () => calls++);
  vi.advanceTimersByTime(MAX_TIMER_MS + 1);
  cancel();
  vi.advanceTimersByTime(10_000);
  expect(calls).toBe(0);
});
