import { AppError } from "@monotreme/errors";
import { QueryInvalidError } from "@monotreme/promql";
import type { FromWorker, StopKind, WorkerFault, WorkerJob, WorkerReport } from "./worker-messages.ts";
import type { WorkerPort } from "./worker-thread.ts";

/** A result that a worker found: what it cost, and the JSON of the value as it is made. */
export interface WorkerAnswer {
  readonly report: WorkerReport;
  /** To be read once; leaving it early ends the query. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface WorkerRunOptions {
  readonly port: WorkerPort;
  readonly job: WorkerJob;
  /** Its reason, an AppError, is what the query then fails with. */
  readonly signal: AbortSignal;
  /** How long a worker may take to stop before it is ended. */
  readonly graceMs: number;
  /** How long a client may take nothing of an answer. */
  readonly stallMs: number;
  readonly onProgress: (samplesRead: number) => void;
}

/**
 * One query in one worker. `answer` resolves when it is evaluated; `settled` when the worker is free again or gone.
 * When the signal fires, `answer` and its chunks fail at once, and the worker is asked to stop, then ended.
 */
export class WorkerRun {
  readonly answer: Promise<WorkerAnswer>;
  readonly settled: Promise<void>;
  readonly #options: WorkerRunOptions;
  #onAnswer: (answer: WorkerAnswer) => void = () => undefined;
  #onFault: (fault: unknown) => void = () => undefined;
  #onSettled: () => void = () => undefined;
  #onChange: () => void = () => undefined;
  #chunks: Uint8Array[] = [];
  #state: "running" | "done" | "failed" = "running";
  #fault: unknown;
  #isSettled = false;
  #graceTimer: NodeJS.Timeout | undefined;
  #stallTimer: NodeJS.Timeout | undefined;
  readonly #onAbort = (): void => this.#stop(this.#options.signal.reason);

  constructor(options: WorkerRunOptions) {
    this.#options = options;
    this.answer = new Promise((resolve, reject) => {
      this.#onAnswer = resolve;
      this.#onFault = reject;
    });
    this.settled = new Promise((resolve) => {
      this.#onSettled = resolve;
    });
    const { port, job, signal } = options;
    port.listen({ onMessage: (message) => this.#receive(message), onEnd: (fault) => this.#end(fault) });
    port.post({ type: "run", job });
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "progress":
        this.#options.onProgress(message.samplesRead);
        return;
      case "evaluated":
        this.#onAnswer({ report: message.report, chunks: this.#read() });
        this.#watchStall();
        return;
      case "chunk":
        this.#chunks.push(message.bytes);
        this.#onChange();
        return;
      case "done":
        if (this.#state === "running") this.#state = "done";
        this.#settle();
        return;
      case "failed":
        this.#fail(errorOf(message.fault));
        this.#settle();
    }
  }

  #end(fault: AppError): void {
    this.#fail(fault);
    this.#settle();
  }

  #fail(fault: unknown): void {
    if (this.#state !== "running") return;
    this.#state = "failed";
    this.#fault = fault;
    this.#chunks = [];
    this.#onFault(fault);
    this.#onChange();
  }

  #settle(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#graceTimer);
    clearTimeout(this.#stallTimer);
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#options.port.listen(undefined);
    this.#onSettled();
    this.#onChange();
  }

  /** Tells the worker to stop, and ends it where it does not hear. */
  #stop(reason: unknown): void {
    this.#fail(reason);
    if (this.#isSettled || this.#graceTimer !== undefined) return;
    const { port, graceMs } = this.#options;
    port.post({ type: "stop", kind: stopKindOf(reason) });
    this.#graceTimer = setTimeout(() => void port.terminate(), graceMs);
  }

  #watchStall(): void {
    clearTimeout(this.#stallTimer);
    if (this.#isSettled) return;
    this.#stallTimer = setTimeout(() => {
      this.#stop(new AppError("QUERY_ANSWER_STALLED", "canceled", "the client took nothing of its answer"));
    }, this.#options.stallMs);
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        if (this.#state === "failed") throw this.#fault;
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          if (!this.#isSettled) this.#options.port.post({ type: "taken", bytes: chunk.length });
          this.#watchStall();
          yield chunk;
        } else if (this.#state === "done") return;
        else {
          await new Promise<void>((resolve) => {
            this.#onChange = resolve;
          });
        }
      }
    } finally {
      this.#stop(new AppError("QUERY_CANCELED", "canceled", "the client went away before its answer"));
    }
  }
}

function stopKindOf(reason: unknown): StopKind {
  return reason instanceof AppError && reason.kind === "timeout" ? "timeout" : "canceled";
}

function errorOf({ code, kind, message, stack }: WorkerFault): AppError {
  if (code === "QUERY_INVALID") return new QueryInvalidError(message);
  return new AppError(code, kind, message, stack === undefined ? {} : { cause: new Error(stack) });
}
