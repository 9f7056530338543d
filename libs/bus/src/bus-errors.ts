import { AppError } from "@monotreme/errors";

/** NATS could not be reached or did not answer in time. */
export class BusUnavailableError extends AppError {
  constructor(what: string, cause?: unknown) {
    super("BUS_UNAVAILABLE", "unavailable", `NATS is not available: ${what}`, { cause });
  }
}

/** A stream or our own buffer before it is full; the sender should come back later. */
export class BusFullError extends AppError {
  constructor(what: string, cause?: unknown) {
    super("BUS_FULL", "unavailable", what, { cause });
  }
}

/** NATS refused a request for a reason of its own (permissions, settings). */
export class BusRefusedError extends AppError {
  constructor(what: string, cause?: unknown) {
    super("BUS_REFUSED", "internal", `NATS refused: ${what}`, { cause });
  }
}
