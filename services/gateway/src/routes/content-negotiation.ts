import { AppError } from "@monotreme/errors";
import type { WriteVersion } from "../write/write-receiver.ts";

/** A body that this receiver does not take; the sender gets 415 and may send another form. */
export class UnsupportedBodyError extends AppError {
  constructor(message: string) {
    super("REMOTE_WRITE_UNSUPPORTED", "invalid", message);
  }
}

const MEDIA_TYPE = "application/x-protobuf";
const VERSION_OF_MESSAGE: ReadonlyMap<string, WriteVersion> = new Map([
  ["prometheus.WriteRequest", 1],
  ["io.prometheus.write.v2.Request", 2],
]);

/**
 * The version of a body by its `Content-Type` and `Content-Encoding`, as the remote write 2.0 specification has it:
 * without a type, or without the parameter `proto`, it is version 1.0; without an encoding it is snappy.
 */
export function writeVersionOf(contentType: string | undefined, contentEncoding: string | undefined): WriteVersion {
  if (contentEncoding !== undefined && contentEncoding !== "" && contentEncoding !== "snappy") {
    throw new UnsupportedBodyError(`${contentEncoding} encoding (compression) is not accepted; snappy is`);
  }
  const [mediaType = "", ...parameters] = (contentType ?? "").split(";").map((part) => part.trim());
  if (mediaType === "" && parameters.length === 0) return 1;
  if (mediaType.toLowerCase() !== MEDIA_TYPE) {
    throw new UnsupportedBodyError(`${mediaType} is not accepted; the media type must be ${MEDIA_TYPE}`);
  }
  let version: WriteVersion = 1;
  for (const parameter of parameters) version = versionOfParameter(parameter) ?? version;
  return version;
}

function versionOfParameter(parameter: string): WriteVersion | undefined {
  const [name = "", value] = parameter.split("=").map((part) => part.trim());
  if (value === undefined) throw new UnsupportedBodyError(`${parameter} is no parameter of a content type`);
  if (name !== "proto") return undefined;
  const version = VERSION_OF_MESSAGE.get(value);
  if (version === undefined) throw new UnsupportedBodyError(`${value} is no remote write protobuf message`);
  return version;
}
