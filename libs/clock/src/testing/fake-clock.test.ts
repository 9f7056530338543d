import { describe, expect, test } from "vitest";
import { FakeClock } from "./fake-clock.ts";

describe("fake clock", () => {
  test("fake clock - runs what is due in order, each at its time, those of one moment as they were asked for", async () => {
    const clock = new FakeClock(100);
    const runs: string[] = [];
    for (const [name, delayMs] of [
      ["late", 30],
      ["early", 10],
      ["early too", 10],
      ["now", -5],
      ["later", 31],
    ] as const) {
      clock.after(delayMs, () => runs.push(`${clock.now()} ${name}`));
    }
    await clock.advance(30);
    expect(runs).toEqual(["100 now", "110 early", "110 early too", "130 late"]);
    expect(clock.now()).toBe(130);
    expect(clock.timerCount).toBe(1);
  });

  test("fake clock - a timer that starts another runs it in the same step of the test", async () => {
    const clock = new FakeClock(0);
    const runs: number[] = [];
    const tick = (): void => {
      runs.push(clock.now());
      clock.after(10, tick);
    };
    clock.after(10, tick);
    await clock.advanceTo(35);
    expect(runs).toEqual([10, 20, 30]);
  });

  test("fake clock - set back, timers keep their delays and can still be called off", async () => {
    const clock = new FakeClock(1000);
    const runs: string[] = [];
    clock.after(10, () => runs.push("kept"));
    const cancel = clock.after(10, () => runs.push("called off"));
    clock.setBack(500);
    cancel();
    await clock.advance(9);
    expect(runs).toEqual([]);
    await clock.advance(1);
    expect(runs).toEqual(["kept"]);
    expect(clock.now()).toBe(510);
  });
});
