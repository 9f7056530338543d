import { AppError } from "@monotreme/errors";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { QueryQueue } from "../query-queue.ts";
import type { FromWorker, ToWorker, WorkerJob, WorkerReport } from "./worker-messages.ts";
import { WorkerPool } from "./worker-pool.ts";
import type { WorkerListener, WorkerPort } from "./worker-thread.ts";

const REPORT: WorkerReport = {
  valueType: "vector",
  warnings: [],
  infos: [],
  samplesRead: 3,
  peakSamples: 3,
  isTruncated: false,
  timings: { prepareSeconds: 0, evaluationSeconds: 0, sortSeconds: 0 },
};

/** A worker that says what the test has it say. */
class FakePort implements WorkerPort {
  readonly heard: ToWorker[] = [];
  hasEnded = false;
  #listener: WorkerListener | undefined;

  post(message: ToWorker): void {
    this.heard.push(message);
  }

  listen(listener: WorkerListener | undefined): void {
    this.#listener = listener;
  }

  async terminate(): Promise<void> {
    this.end(new AppError("QUERY_WORKER_LOST", "unavailable", "ended"));
  }

  end(fault: AppError): void {
    this.hasEnded = true;
    this.#listener?.onEnd(fault);
  }

  say(...messages: FromWorker[]): void {
    for (const message of messages) this.#listener?.onMessage(message);
  }
}

function createPool(graceMs = 60_000) {
  const ports: FakePort[] = [];
  const ends: string[] = [];
  const pool = new WorkerPool({
    start: () => {
      const port = new FakePort();
      ports.push(port);
      return port;
    },
    queue: new QueryQueue({ maxRunning: 2, maxRunningPerTenant: () => 1, maxQueued: 10 }),
    idleMs: 60_000,
    graceMs,
    stallMs: 60_000,
    metrics: { onStart: () => undefined, onEnd: (reason) => ends.push(reason) },
  });
  const run = (tenant: string, signal = new AbortController().signal) =>
    pool.run(jobOf(tenant), {
      signal,
      onRunning: () => undefined,
      onProgress: () => undefined,
      onSettled: () => undefined,
    });
  return { pool, ports, ends, run };
}

function jobOf(tenant: string): WorkerJob {
  return {
    tenant,
    text: "up",
    parser: {},
    range: { startMs: 0, endMs: 0, stepMs: 0 },
    lookbackMs: 1,
    deadlineMs: 1,
    countsSamples: false,
    maxSourceResolution: undefined,
    limits: { maxSamples: 1, maxSeries: 1, maxReadBytes: 1 },
    limit: 0,
  };
}

/** Everything that has been promised happens before the next turn of the event loop. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe("worker pool", () => {
  test("worker pool - gives the answer's chunks on, says so to the worker, and uses it again", async () => {
    const { pool, ports, run } = createPool();
    const asked = run("a");
    await settle();
    const [port] = ports;
    port?.say({ type: "evaluated", report: REPORT }, { type: "chunk", bytes: Uint8Array.of(1, 2) });
    const { report, chunks } = await asked;
    expect(report.samplesRead).toBe(3);
    const read: number[][] = [];
    for await (const chunk of chunks) {
      read.push([...chunk]);
      if (read.length === 1) port?.say({ type: "chunk", bytes: Uint8Array.of(3) }, { type: "done" });
    }
    expect(read).toEqual([[1, 2], [3]]);
    expect(port?.heard[1]).toEqual({ type: "taken", bytes: 2 });
    await settle();
    void run("b").catch(() => undefined);
    await settle();
    expect([ports.length, pool.size, pool.running]).toEqual([1, 1, 1]);
  });

  test("worker pool - one tenant's queries leave a worker to others", async () => {
    const { pool, ports, run } = createPool();
    for (const tenant of ["a", "a", "b"]) void run(tenant).catch(() => undefined);
    await settle();
    expect(ports.map(({ heard: [first] }) => first?.type === "run" && first.job.tenant)).toEqual(["a", "b"]);
    expect([pool.running, pool.queued]).toEqual([2, 1]);
  });

  test("worker pool - a query that is stopped fails at once, and its worker is ended if it does not hear", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const { pool, ports, ends, run } = createPool(1000);
    const controller = new AbortController();
    const asked = run("a", controller.signal);
    await settle();
    controller.abort(new AppError("QUERY_KILLED", "canceled", "ended"));
    await expect(asked).rejects.toMatchObject({ code: "QUERY_KILLED" });
    expect(ports[0]?.heard[1]).toEqual({ type: "stop", kind: "canceled" });
    expect(pool.running).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect([ports[0]?.hasEnded, pool.running, pool.size]).toEqual([true, 0, 0]);
    expect(ends).toEqual(["fault"]);
  });

  test("worker pool - a worker that ends fails its query only; the next gets a new one", async () => {
    const { ports, run } = createPool();
    const asked = run("a");
    await settle();
    ports[0]?.end(new AppError("QUERY_OUT_OF_MEMORY", "limit", "no memory"));
    await expect(asked).rejects.toMatchObject({ code: "QUERY_OUT_OF_MEMORY" });
    const next = run("a");
    await settle();
    ports[1]?.say({ type: "evaluated", report: REPORT }, { type: "done" });
    expect((await next).report).toBe(REPORT);
  });

  test("worker pool - a client that leaves an answer frees the worker", async () => {
    const { pool, ports, run } = createPool();
    const asked = run("a");
    await settle();
    ports[0]?.say({ type: "evaluated", report: REPORT }, { type: "chunk", bytes: Uint8Array.of(1) });
    for await (const chunk of (await asked).chunks) if (chunk.length > 0) break;
    expect(ports[0]?.heard.at(-1)).toEqual({ type: "stop", kind: "canceled" });
    ports[0]?.say({ type: "failed", fault: { code: "QUERY_CANCELED", kind: "canceled", message: "stopped" } });
    await settle();
    expect([pool.running, pool.size]).toEqual([0, 1]);
  });
});
