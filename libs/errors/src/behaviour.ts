import type { ErrorKind } from "./app-error.ts";

/** How each kind of fault is answered: over HTTP, in Prometheus' error envelope, and on the bus. */
export interface ErrorBehaviour {
  readonly httpStatus: number;
  /** `errorType` of the Prometheus HTTP API. */
  readonly errorType: string;
  /** What a JetStream consumer does with the message: `term` = dead letter, `nak` = deliver again with backoff. */
  readonly jetstream: "term" | "nak";
}

export const ERROR_BEHAVIOUR: Readonly<Record<ErrorKind, ErrorBehaviour>> = {
  invalid: { httpStatus: 400, errorType: "bad_data", jetstream: "term" },
  "not-found": { httpStatus: 404, errorType: "not_found", jetstream: "term" },
  conflict: { httpStatus: 409, errorType: "bad_data", jetstream: "term" },
  limit: { httpStatus: 422, errorType: "execution", jetstream: "term" },
  timeout: { httpStatus: 503, errorType: "timeout", jetstream: "nak" },
  canceled: { httpStatus: 499, errorType: "canceled", jetstream: "nak" },
  unavailable: { httpStatus: 503, errorType: "unavailable", jetstream: "nak" },
  internal: { httpStatus: 500, errorType: "internal", jetstream: "nak" },
};
