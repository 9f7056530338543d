import { AppError } from "@monotreme/errors";

/** Why a body was refused as a whole; the code of each is constant and documented. */
export type RemoteWriteErrorCode = "REMOTE_WRITE_BAD_SNAPPY" | "REMOTE_WRITE_BAD_PROTOBUF" | "REMOTE_WRITE_TOO_LARGE";

/** A remote write body that nobody can read, whoever sends it again: the sender gets 400 and nothing was stored. */
export class RemoteWriteError extends AppError {
  constructor(code: RemoteWriteErrorCode, message: string) {
    super(code, "invalid", message);
    this.name = "RemoteWriteError";
  }
}

export function badProtobuf(reason: string): RemoteWriteError {
  return new RemoteWriteError("REMOTE_WRITE_BAD_PROTOBUF", `not a readable protobuf message: ${reason}`);
}

export function badSnappy(reason: string): RemoteWriteError {
  return new RemoteWriteError("REMOTE_WRITE_BAD_SNAPPY", `not a readable snappy block: ${reason}`);
}
