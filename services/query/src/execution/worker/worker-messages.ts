import type { ErrorKind } from "@monotreme/errors";
import type { EngineOptions, ParserOptions, QueryRange, QueryValue } from "@monotreme/promql";
import type { WantedColumns } from "../cached-run.ts";
import type { Evaluated } from "../evaluate-query.ts";
import type { ReadLimits } from "../query-limits.ts";

/** What a worker is started with. */
export interface WorkerSettings {
  readonly clickhouse: { readonly url: string; readonly database: string };
  readonly engine: Partial<EngineOptions>;
}

/** One query for a worker; the text is parsed again there. */
export interface WorkerJob {
  readonly tenant: string;
  readonly text: string;
  readonly parser: ParserOptions;
  readonly range: QueryRange;
  readonly lookbackMs: number;
  /** Epoch ms. */
  readonly deadlineMs: number;
  readonly limits: ReadLimits;
  readonly countsSamples: boolean;
  readonly maxSourceResolution: number | "auto" | undefined;
  /** Series in the answer at most; 0 = all. */
  readonly limit: number;
  /** The result is wanted as columns instead of JSON, where it is small. */
  readonly columns?: WantedColumns | undefined;
}

export type StopKind = "timeout" | "canceled";

export type ToWorker =
  | { readonly type: "run"; readonly job: WorkerJob }
  | { readonly type: "stop"; readonly kind: StopKind }
  /** So many bytes of the answer were taken. */
  | { readonly type: "taken"; readonly bytes: number };

/** All of a result but its value. */
export interface WorkerReport extends Omit<Evaluated, "value"> {
  readonly valueType: QueryValue["type"];
  /** An encoded step matrix, where one was wanted; then no JSON follows. */
  readonly columns?: Uint8Array<ArrayBuffer>;
}

/** An AppError on its way between threads. */
export interface WorkerFault {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly message: string;
  /** For the log: the stack of what was no AppError. */
  readonly stack?: string;
}

export type FromWorker =
  | { readonly type: "progress"; readonly samplesRead: number }
  | { readonly type: "evaluated"; readonly report: WorkerReport }
  /** A part of the JSON of the value. */
  | { readonly type: "chunk"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The worker is free again. */
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly fault: WorkerFault };

/** So many bytes of an answer are made before the client has taken them; a larger answer keeps its worker. */
export const ANSWER_WINDOW_BYTES = 16 * 2 ** 20;
