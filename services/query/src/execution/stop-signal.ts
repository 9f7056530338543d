import { AppError } from "@monotreme/errors";
import { QueryStoppedError } from "@monotreme/promql";

export type Phase = "queue" | "evaluation";

/**
 * Fires when the client is gone, when the time is over, or when somebody ends the query, whichever is first; its reason
 * is the error that the query fails with. To be released after use.
 */
export class StopSignal {
  readonly #controller = new AbortController();
  readonly #client: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  /** What the query is doing, for the words of the error. */
  phase: Phase = "queue";
  readonly #onGone = (): void => this.stop(this.#reason("canceled", this.#client.reason));

  constructor(client: AbortSignal, timeoutMs: number) {
    this.#client = client;
    this.#timer = setTimeout(() => this.stop(this.#reason("timeout")), timeoutMs);
    if (client.aborted) this.#onGone();
    else client.addEventListener("abort", this.#onGone, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stop(reason: AppError): void {
    this.#controller.abort(reason);
  }

  /** The query is evaluated; giving its answer may take as long as the client takes it. */
  endTime(): void {
    clearTimeout(this.#timer);
  }

  release(): void {
    this.endTime();
    this.#client.removeEventListener("abort", this.#onGone);
  }

  #reason(kind: "timeout" | "canceled", cause?: unknown): AppError {
    if (this.phase === "evaluation") return new QueryStoppedError(kind, cause);
    const isTimeout = kind === "timeout";
    const code = isTimeout ? "QUERY_TIMED_OUT" : "QUERY_CANCELED";
    const text = isTimeout ? "query timed out in query queue" : "query was canceled in query queue";
    return new AppError(code, kind, text, { cause });
  }
}
