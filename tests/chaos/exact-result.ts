import { eventually, queryValue } from "@monotreme/testkit";
import { expect } from "vitest";
import type { SampleLoad } from "./sample-load.ts";

const RECOVERY_MS = 60_000;

/** Waits until the API has every sample of the load exactly once; fails with the counts it has at the end. */
export async function expectExactResult(url: string, load: SampleLoad): Promise<void> {
  const { endSeconds, rangeSeconds, samples, valueSum } = load;
  const ask = async (overTime: string): Promise<number | undefined> =>
    queryValue(url, `sum(${overTime}({job="chaos"}[${rangeSeconds}s]))`, endSeconds);
  await eventually(async () => expect(await ask("count_over_time")).toBe(samples) ?? true, {
    timeoutMs: RECOVERY_MS,
    intervalMs: 250,
  });
  // Not more a moment later either, and each with its own value.
  expect(await ask("sum_over_time")).toBe(valueSum);
  expect(await ask("count_over_time")).toBe(samples);
}
