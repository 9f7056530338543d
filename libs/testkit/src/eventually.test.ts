import { expect, test } from "vitest";

import { eventually } from "./eventually.ts";

test("eventually - returns the first value that is neither false nor undefined", async () => {
  const answers = [undefined, false, 0];
  expect(await eventually(() => answers.shift(), { intervalMs: 0 })).toBe(0);
});

test("eventually - retries while the check throws", async () => {
  let calls = 0;
  const check = (): string => {
    calls += 1;
    if (calls < 3) throw new Error("not yet");
    return "done";
  };
  expect(await eventually(check, { intervalMs: 0 })).toBe("done");
});

test("eventually - throws what the last check threw when the time is over", async () => {
  const check = (): never => {
    throw new Error("count is 1");
  };
  await expect(eventually(check, { timeoutMs: 0 })).rejects.toThrow("count is 1");
});

test("eventually - says that it timed out when the check only said no", async () => {
  await expect(eventually(() => false, { timeoutMs: 0 })).rejects.toThrow("did not hold within 0 ms");
});
