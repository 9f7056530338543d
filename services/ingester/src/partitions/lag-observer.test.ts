import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createIngesterMetrics } from "../metrics.ts";
import { LagObserver, type ObservedLane, type StreamBacklog } from "./lag-observer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createObserver() {
  const registry = new Registry();
  const lanes = new Map<number, ObservedLane>();
  const seen: number[] = [];
  const stalled: number[] = [];
  const state: { backlog: StreamBacklog | undefined } = { backlog: undefined };
  const observer = new LagObserver({
    readBacklog: async () => {
      if (state.backlog === undefined) throw new Error("no answer");
      return state.backlog;
    },
    oldestAtMs: async () => 4000,
    lanes: () => lanes,
    onPartition: (partition) => seen.push(partition),
    onStalled: (partition) => stalled.push(partition),
    metrics: createIngesterMetrics(registry),
    logger: createSilentLogger(),
    now: () => 10_000,
  });
  const valuesOf = async (name: string): Promise<Record<string, number>> => {
    const metric = await registry.getSingleMetric(`monotreme_ingester_${name}`)?.get();
    return Object.fromEntries((metric?.values ?? []).map(({ labels, value }) => [labels["partition"] ?? "", value]));
  };
  return { observer, lanes, seen, stalled, state, valuesOf };
}

test("lag observer - tells the lag of the partitions of this ingester, and the backlog of all", async () => {
  const { observer, lanes, seen, state, valuesOf } = createObserver();
  lanes.set(0, { oldestPublishedAtMs: 9000, delivered: 0 }).set(1, { oldestPublishedAtMs: undefined, delivered: 0 });
  lanes.set(2, { oldestPublishedAtMs: undefined, delivered: 0 });
  state.backlog = {
    messages: 10,
    bytes: 1000,
    byPartition: new Map([
      [0, 2],
      [1, 3],
      [7, 5],
    ]),
  };
  await observer.look();
  expect(await valuesOf("partition_lag_messages")).toEqual({ 0: 2, 1: 3, 2: 0 });
  expect(await valuesOf("partition_lag_bytes")).toEqual({ 0: 200, 1: 300, 2: 0 });
  // What is held tells its age itself; of what waits in the stream the stream tells it.
  expect(await valuesOf("partition_lag_seconds")).toEqual({ 0: 1, 1: 6, 2: 0 });
  expect([await valuesOf("backlog_messages"), await valuesOf("backlog_bytes")]).toEqual([{ "": 10 }, { "": 1000 }]);
  expect(seen).toEqual([0, 1, 7]);
});

test("lag observer - a partition that went away is not told any more", async () => {
  const { observer, lanes, state, valuesOf } = createObserver();
  lanes.set(0, { oldestPublishedAtMs: 9000, delivered: 0 });
  state.backlog = { messages: 1, bytes: 100, byPartition: new Map([[0, 1]]) };
  await observer.look();
  lanes.clear();
  await observer.look();
  for (const name of ["partition_lag_messages", "partition_lag_bytes", "partition_lag_seconds"]) {
    expect(await valuesOf(name)).toEqual({});
  }
});

test("lag observer - looks every five seconds, and again after a failure", async () => {
  const { observer, lanes, state, valuesOf } = createObserver();
  lanes.set(0, { oldestPublishedAtMs: 9000, delivered: 0 });
  await vi.advanceTimersByTimeAsync(5000);
  expect(await valuesOf("partition_lag_messages")).toEqual({});
  state.backlog = { messages: 1, bytes: 100, byPartition: new Map([[0, 1]]) };
  await vi.advanceTimersByTimeAsync(5000);
  expect(await valuesOf("partition_lag_messages")).toEqual({ 0: 1 });
  await observer.close();
});

test("lag observer - a partition whose messages wait for half a minute without a delivery has stalled", async () => {
  const { observer, lanes, stalled, state } = createObserver();
  const lane: { oldestPublishedAtMs: number | undefined; delivered: number | undefined } = {
    oldestPublishedAtMs: undefined,
    delivered: 3,
  };
  lanes.set(0, lane);
  state.backlog = { messages: 2, bytes: 100, byPartition: new Map([[0, 2]]) };
  const look = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) await observer.look();
  };
  await look(6);
  lane.delivered = 4;
  await look(6);
  expect(stalled).toEqual([]);
  await look(1);
  expect(stalled).toEqual([0]);

  lane.oldestPublishedAtMs = 5000;
  await look(10);
  lane.oldestPublishedAtMs = undefined;
  lane.delivered = undefined;
  await look(10);
  expect(stalled).toEqual([0]);
});
