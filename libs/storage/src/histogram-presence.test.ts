import { expect, test } from "vitest";
import { HistogramPresence } from "./histogram-presence.ts";

function createPresence(answers: readonly (boolean | Error)[]) {
  const clock = { nowMs: 0 };
  let asked = 0;
  const presence = new HistogramPresence(
    async () => {
      const answer = answers[asked++] ?? false;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    () => clock.nowMs,
  );
  return { presence, clock, asked: () => asked };
}

test("histogram presence - that there are none is asked once in half a second", async () => {
  const { presence, clock, asked } = createPresence([false, true]);
  expect(await Promise.all([presence.mayHaveAny(), presence.mayHaveAny()])).toEqual([false, false]);
  clock.nowMs = 499;
  expect([await presence.mayHaveAny(), asked()]).toEqual([false, 1]);
  clock.nowMs = 500;
  expect([await presence.mayHaveAny(), asked()]).toEqual([true, 2]);
});

test("histogram presence - that there are some is remembered for longer", async () => {
  const { presence, clock, asked } = createPresence([true]);
  expect(await presence.mayHaveAny()).toBe(true);
  clock.nowMs = 59_000;
  expect([await presence.mayHaveAny(), asked()]).toEqual([true, 1]);
  clock.nowMs = 60_000;
  expect([await presence.mayHaveAny(), asked()]).toEqual([false, 2]);
});

test("histogram presence - where nobody answers there may be some", async () => {
  const { presence, clock } = createPresence([new Error("away"), false]);
  expect(await presence.mayHaveAny()).toBe(true);
  clock.nowMs = 500;
  expect(await presence.mayHaveAny()).toBe(false);
});
