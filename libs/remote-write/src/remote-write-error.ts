import { AppError } from "@monotreme/errors";

/** A remote write body that nobody can read, whoever sends it again: the sender gets 400 and nothing was stored. */
export class RemoteWriteError extends AppError {
  constructor(code: string, message: string) {
    super(code, "invalid", message);
    this.name = "RemoteWriteError";
  }
}

/** The body is no snappy block. */
export class BadSnappyError extends RemoteWriteError {
  constructor(reason: string) {
    super("REMOTE_WRITE_BAD_SNAPPY", `not a readable snappy block: ${reason}`);
  }
}

/** The uncompressed body is no prometheus.WriteRequest. */
export class BadProtobufError extends RemoteWriteError {
  constructor(reason: string) {
    super("REMOTE_WRITE_BAD_PROTOBUF", `not a readable protobuf message: ${reason}`);
  }
}

/** The body holds more than one request may. */
export class WriteRequestTooLargeError extends RemoteWriteError {
  constructor(what: string) {
    super("REMOTE_WRITE_TOO_LARGE", `the request is too large: ${what}`);
  }
}
