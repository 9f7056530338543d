import { describe, expect, test } from "vitest";
import { sleep } from "./sleep.ts";
import { FakeClock, settle } from "./testing/index.ts";

describe("sleep", () => {
  const started = async (signal: AbortSignal) => {
    const clock = new FakeClock(0);
    const state = { clock, isOver: false };
    void sleep(clock, 1000, signal).then(() => (state.isOver = true));
    await settle();
    return state;
  };

  test("sleep - ends after the delay, and not before", async () => {
    const state = await started(new AbortController().signal);
    await state.clock.advance(999);
    expect(state.isOver).toBe(false);
    await state.clock.advance(1);
    expect(state.isOver).toBe(true);
  });

  test("sleep - ends at once when the signal aborts, and leaves no timer", async () => {
    const controller = new AbortController();
    const state = await started(controller.signal);
    expect(state.clock.timerCount).toBe(1);
    controller.abort();
    await settle();
    expect(state.isOver).toBe(true);
    expect(state.clock.timerCount).toBe(0);
  });

  test("sleep - does not begin where the signal has aborted", async () => {
    const state = await started(AbortSignal.abort());
    expect(state.isOver).toBe(true);
    expect(state.clock.timerCount).toBe(0);
  });
});
