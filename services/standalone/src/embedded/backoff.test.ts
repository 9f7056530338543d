import { expect, test } from "vitest";

import { backoffMs } from "./backoff.ts";

test("backoff - doubles from 200 ms and stays at 10 s", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 1000].map(backoffMs)).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
});
