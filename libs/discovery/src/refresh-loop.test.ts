import { FakeClock } from "@monotreme/clock/testing";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import { discoveryMetrics } from "./discovery-metrics.ts";
import { RefreshLoop } from "./refresh-loop.ts";
import type { TargetGroup } from "./target-group.ts";

const group = (source: string): TargetGroup => ({ source, targets: [], labels: {} });

function bench(refresh: (signal: AbortSignal) => Promise<readonly TargetGroup[]>, clock = new FakeClock(0)) {
  const registry = new Registry();
  const found: string[] = [];
  const state = { isClosed: false };
  const source = {
    mechanism: "http" as const,
    refreshIntervalMs: 1000,
    refresh,
    close: () => {
      state.isClosed = true;
    },
  };
  const loop = new RefreshLoop(source, { clock, logger: createSilentLogger(), metrics: discoveryMetrics(registry) });
  loop.start((groups) => found.push(`${clock.now()} ${groups.map((each) => each.source).join()}`));
  return { clock, registry, found, state, loop };
}

describe("refresh loop", () => {
  test("refresh loop - at once and then on its interval; a failure tells nobody and is counted", async () => {
    let calls = 0;
    const { clock, registry, found, loop } = bench(async () => {
      if (++calls === 2) throw new Error("down");
      return [group(`g${calls}`)];
    });
    await clock.advance(2500);
    expect(found).toEqual(["0 g1", "2000 g3"]);
    expect(await registry.metrics()).toContain('prometheus_sd_refresh_failures_total{mechanism="http"} 1');
    await loop.close();
  });

  test("refresh loop - a slow refresh is never doubled, and the next one is on the grid", async () => {
    const starts: number[] = [];
    const clock = new FakeClock(0);
    const { loop } = bench(async () => {
      starts.push(clock.now());
      await new Promise<void>((resolve) => void clock.after(1300, resolve));
      return [];
    }, clock);
    await clock.advance(4500);
    expect(starts).toEqual([0, 2000, 4000]);
    const closing = loop.close();
    await clock.advance(2000);
    await closing;
  });

  test("refresh loop - closing ends the refresh under way, and nothing is told after", async () => {
    const { clock, found, state, registry, loop } = bench(
      async (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("aborted")));
        }),
    );
    await clock.advance(0);
    await loop.close();
    expect(state.isClosed).toBe(true);
    expect(found).toEqual([]);
    expect(await registry.metrics()).toContain('prometheus_sd_refresh_failures_total{mechanism="http"} 0');
  });
});
