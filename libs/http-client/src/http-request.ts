import type { RequestHeaders } from "./credential-headers.ts";

/** One request of an `HttpClient`. */
export interface HttpRequest {
  readonly method: string;
  /** May hold secrets; no error message repeats it. */
  readonly url: string;
  readonly headers?: RequestHeaders;
  readonly body?: string | Uint8Array;
  /** Ends the request at any moment, also while the body is read. */
  readonly signal: AbortSignal;
}
