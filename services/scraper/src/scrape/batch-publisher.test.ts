import { FakeClock, settle } from "@monotreme/clock/testing";
import { AppError } from "@monotreme/errors";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import { createScraperMetrics } from "../metrics.ts";
import { BatchPublisher } from "./batch-publisher.ts";
import { RecordingSink } from "./recording-sink.ts";
import { BatchPool, ScrapeBatch } from "./scrape-batch.ts";
import { SeriesTable } from "./series-table.ts";

const AWAY = new AppError("BUS_UNAVAILABLE", "unavailable", "away");

function bench() {
  const sink = new RecordingSink();
  const registry = new Registry();
  const clock = new FakeClock(0);
  const metrics = createScraperMetrics(registry);
  const publisher = new BatchPublisher({
    sink,
    tenant: "t",
    pool: new BatchPool(),
    clock,
    metrics,
    logger: createSilentLogger(),
  });
  const dropped = async (reason: string): Promise<number> => {
    const { values } = await metrics.samplesDropped.get();
    return values.find(({ labels }) => labels.reason === reason)?.value ?? 0;
  };
  return { sink, clock, publisher, dropped };
}

function batchOf(count: number): ScrapeBatch {
  const batch = new ScrapeBatch();
  const table = new SeriesTable();
  for (let i = 0; i < count; i++) batch.addSample(table, 0, i, 0, 0);
  return batch;
}

describe("batch publisher", () => {
  test("batch publisher - repeats a batch until the bus takes it", async () => {
    const { sink, clock, publisher } = bench();
    sink.faults.push(AWAY, AWAY);
    publisher.submit(batchOf(3), 60_000);
    await clock.advance(1000);
    expect(sink.commits).toBe(3);
    expect(sink.samples).toHaveLength(3);
    expect(publisher.pendingCount).toBe(0);
  });

  test("batch publisher - gives up at the deadline and counts the samples by reason", async () => {
    const { sink, clock, publisher, dropped } = bench();
    sink.faults.push(...Array<Error>(50).fill(AWAY));
    publisher.submit(batchOf(3), 10_000);
    await clock.advance(9000);
    expect(await dropped("BUS_UNAVAILABLE")).toBe(0);
    await clock.advance(60_000);
    expect(await dropped("BUS_UNAVAILABLE")).toBe(3);
    expect(sink.samples).toEqual([]);
    expect(publisher.pendingCount).toBe(0);
  });

  test("batch publisher - does not repeat what no repeat can help", async () => {
    const { sink, publisher, dropped } = bench();
    sink.faults.push(new AppError("BUS_REFUSED", "internal", "no"));
    publisher.submit(batchOf(2), 10_000);
    await settle();
    expect(sink.commits).toBe(1);
    expect(await dropped("BUS_REFUSED")).toBe(2);
  });

  test("batch publisher - close waits for the attempt under way and repeats nothing", async () => {
    const { sink, publisher, dropped } = bench();
    sink.faults.push(AWAY);
    publisher.submit(batchOf(1), 60_000);
    await publisher.close();
    expect(sink.commits).toBeGreaterThanOrEqual(1);
    expect(publisher.pendingCount).toBe(0);
    expect((await dropped("BUS_UNAVAILABLE")) + sink.samples.length).toBe(1);
  });
});
