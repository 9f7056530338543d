import { AppError, type ErrorKind } from "@monotreme/errors";

type FaultStatus = 400 | 401 | 403 | 404 | 405 | 409 | 422 | 503;

const KINDS: Readonly<Record<FaultStatus, ErrorKind>> = {
  400: "invalid",
  401: "invalid",
  403: "invalid",
  404: "not-found",
  405: "invalid",
  409: "conflict",
  422: "limit",
  503: "unavailable",
};

/** A request that the management API refuses, with the status and words of Healthchecks; empty: no body at all. */
export class ApiFault extends AppError {
  readonly status: FaultStatus;

  constructor(status: FaultStatus, message: string) {
    super("HEARTBEAT_REQUEST_REFUSED", KINDS[status], message);
    this.status = status;
  }
}
