import { AppError, messageOf } from "@monotreme/errors";
import { parseExpression } from "@monotreme/promql";
import { columnsOf } from "../../cache/columns-of.ts";
import { encodeMatrix } from "../../cache/matrix-codec.ts";
import { JsonChunks } from "../../response/json-chunks.ts";
import { queryResultJson } from "../../response/value-json.ts";
import { evaluateQuery } from "../evaluate-query.ts";
import type { QueryEngine } from "../query-limits.ts";
import type { QueryStorage } from "../query-storage.ts";
import {
  ANSWER_WINDOW_BYTES,
  type FromWorker,
  type ToWorker,
  type WorkerFault,
  type WorkerJob,
} from "./worker-messages.ts";

export interface WorkerSessionOptions {
  readonly engine: QueryEngine;
  readonly storage: QueryStorage;
  readonly post: (message: FromWorker, transfer?: readonly ArrayBuffer[]) => void;
}

/**
 * A worker's side of the conversation: runs one query at a time, gives its answer in chunks as far as the window
 * allows, and stops when it is told to. (While it evaluates it hears nothing; then the deadline or its end stops it.)
 */
export class WorkerSession {
  readonly #options: WorkerSessionOptions;
  #stop = new AbortController();
  #untakenBytes = 0;
  #onTaken: () => void = () => undefined;

  constructor(options: WorkerSessionOptions) {
    this.#options = options;
  }

  receive(message: ToWorker): void {
    switch (message.type) {
      case "run":
        void this.#run(message.job);
        return;
      case "stop":
        this.#stop.abort(stopReason(message.kind));
        this.#onTaken();
        return;
      case "taken":
        this.#untakenBytes -= message.bytes;
        this.#onTaken();
    }
  }

  async #run(job: WorkerJob): Promise<void> {
    const { post } = this.#options;
    this.#stop = new AbortController();
    this.#untakenBytes = 0;
    try {
      await this.#answer(job, this.#stop.signal);
      post({ type: "done" });
    } catch (error) {
      post({ type: "failed", fault: faultOf(error) });
    }
  }

  async #answer(job: WorkerJob, signal: AbortSignal): Promise<void> {
    const { engine, storage, post } = this.#options;
    const source = storage.samples(job.tenant, { maxSeries: job.limits.maxSeries });
    const evaluated = await evaluateQuery(engine, source, {
      ...job,
      expression: parseExpression(job.text, job.parser),
      signal,
      onRead: ({ samples }) => post({ type: "progress", samplesRead: samples }),
    });
    const { value, ...report } = evaluated;
    const matrix = columnsOf(value, job.range, job.columns);
    if (matrix !== undefined) {
      const columns = encodeMatrix(matrix);
      post({ type: "evaluated", report: { ...report, valueType: value.type, columns } }, [columns.buffer]);
      return;
    }
    post({ type: "evaluated", report: { ...report, valueType: value.type } });
    if (job.columns?.otherwise === "nothing") return;
    const chunks = new JsonChunks();
    for (const piece of queryResultJson(value)) {
      const chunk = chunks.add(piece);
      if (chunk !== undefined) await this.#give(chunk, signal);
    }
    const rest = chunks.rest();
    if (rest !== undefined) await this.#give(rest, signal);
  }

  async #give(chunk: Buffer, signal: AbortSignal): Promise<void> {
    while (this.#untakenBytes > ANSWER_WINDOW_BYTES && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#onTaken = resolve;
      });
    }
    signal.throwIfAborted();
    this.#untakenBytes += chunk.length;
    const bytes = new Uint8Array(chunk.buffer as ArrayBuffer);
    this.#options.post({ type: "chunk", bytes }, [bytes.buffer]);
  }
}

/** As the engine expects reasons: a timeout by its name. */
function stopReason(kind: "timeout" | "canceled"): Error {
  return kind === "timeout"
    ? new DOMException("the query's time is over", "TimeoutError")
    : new Error("the query was canceled");
}

function faultOf(error: unknown): WorkerFault {
  if (error instanceof AppError) return { code: error.code, kind: error.kind, message: error.message };
  // V8's words for memory that is not there: typed arrays live outside of the heap.
  if (error instanceof RangeError && /allocation failed|Invalid typed array length/i.test(error.message)) {
    return { code: "QUERY_OUT_OF_MEMORY", kind: "limit", message: "the query needs more memory than there is" };
  }
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    code: "QUERY_WORKER_FAULT",
    kind: "internal",
    message: messageOf(error),
    ...(stack === undefined ? {} : { stack }),
  };
}
