import type { QueryQueue } from "../query-queue.ts";
import type { WorkerJob } from "./worker-messages.ts";
import { type WorkerAnswer, WorkerRun } from "./worker-run.ts";
import type { WorkerPort } from "./worker-thread.ts";

export interface WorkerPoolOptions {
  readonly start: () => WorkerPort;
  /** Gives out so many places as there are workers at most. */
  readonly queue: QueryQueue;
  /** A worker that has had nothing to do for that long is ended. */
  readonly idleMs: number;
  readonly graceMs: number;
  readonly stallMs: number;
  readonly metrics: WorkerPoolMetrics;
}

export interface WorkerPoolMetrics {
  /** A worker was started. */
  onStart(): void;
  /** A worker has ended, for whatever reason. */
  onEnd(reason: "idle" | "fault" | "closed"): void;
}

export interface WorkerRunHandlers {
  readonly signal: AbortSignal;
  /** The query has a worker from now on. */
  readonly onRunning: () => void;
  readonly onProgress: (samplesRead: number) => void;
  /** The worker is free again. */
  readonly onSettled: () => void;
}

interface IdleWorker {
  readonly port: WorkerPort;
  readonly timer: NodeJS.Timeout;
}

/**
 * Worker threads that evaluate one query each at a time. They start when they are needed and end after a while without
 * work; one that does not stop when told is ended, and the next query gets a new one. Queries wait for a place in the
 * queue, which is bounded and fair to tenants.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #idle: IdleWorker[] = [];
  readonly #busy = new Set<WorkerPort>();
  #isClosed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Worker threads that exist. */
  get size(): number {
    return this.#idle.length + this.#busy.size;
  }

  get running(): number {
    return this.#options.queue.running;
  }

  get queued(): number {
    return this.#options.queue.queued;
  }

  /** Rejects with the signal's reason, a fault of the query, or QUERY_QUEUE_FULL. */
  async run(job: WorkerJob, { signal, onRunning, onProgress, onSettled }: WorkerRunHandlers): Promise<WorkerAnswer> {
    const { queue, graceMs, stallMs } = this.#options;
    const leave = await queue.enter(job.tenant, signal);
    let run: WorkerRun;
    let port: WorkerPort;
    try {
      port = this.#take();
      run = new WorkerRun({ port, job, signal, graceMs, stallMs, onProgress });
    } catch (error) {
      leave();
      throw error;
    }
    onRunning();
    void run.settled.then(() => {
      this.#giveBack(port);
      leave();
      onSettled();
    });
    return run.answer;
  }

  /** Ends all workers; queries in them fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const ports = [...this.#idle.map(({ port }) => port), ...this.#busy];
    for (const { timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      this.#options.metrics.onEnd("closed");
    }
    await Promise.all(ports.map((port) => port.terminate()));
  }

  #take(): WorkerPort {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      clearTimeout(idle.timer);
      if (!idle.port.hasEnded) {
        this.#busy.add(idle.port);
        return idle.port;
      }
      this.#options.metrics.onEnd("fault");
    }
    const port = this.#options.start();
    this.#options.metrics.onStart();
    this.#busy.add(port);
    return port;
  }

  #giveBack(port: WorkerPort): void {
    this.#busy.delete(port);
    if (port.hasEnded || this.#isClosed) {
      this.#options.metrics.onEnd(this.#isClosed ? "closed" : "fault");
      if (!port.hasEnded) void port.terminate();
      return;
    }
    const timer = setTimeout(() => this.#retire(port), this.#options.idleMs);
    timer.unref();
    this.#idle.push({ port, timer });
  }

  #retire(port: WorkerPort): void {
    const at = this.#idle.findIndex((idle) => idle.port === port);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    this.#options.metrics.onEnd("idle");
    void port.terminate();
  }
}
