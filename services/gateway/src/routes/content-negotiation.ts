import { AppError } from "@monotreme/errors";

/** A body that this receiver does not take; the sender gets 415 and may send another form. */
export class UnsupportedBodyError extends AppError {
  constructor(message: string) {
    super("REMOTE_WRITE_UNSUPPORTED", "invalid", message);
  }
}

const MEDIA_TYPE = "application/x-protobuf";
const ACCEPTED_MESSAGE = "prometheus.WriteRequest";
const KNOWN_MESSAGES: ReadonlySet<string> = new Set([ACCEPTED_MESSAGE, "io.prometheus.write.v2.Request"]);

/**
 * Checks `Content-Type` and `Content-Encoding` as the remote write 2.0 specification has it: without a type, or without
 * the parameter `proto`, a body is version 1.0; without an encoding it is snappy.
 */
export function requireVersion1(contentType: string | undefined, contentEncoding: string | undefined): void {
  if (contentEncoding !== undefined && contentEncoding !== "" && contentEncoding !== "snappy") {
    throw new UnsupportedBodyError(`${contentEncoding} encoding (compression) is not accepted; snappy is`);
  }
  const [mediaType = "", ...parameters] = (contentType ?? "").split(";").map((part) => part.trim());
  if (mediaType === "" && parameters.length === 0) return;
  if (mediaType.toLowerCase() !== MEDIA_TYPE) {
    throw new UnsupportedBodyError(`${mediaType} is not accepted; the media type must be ${MEDIA_TYPE}`);
  }
  for (const parameter of parameters) requireAcceptedMessage(parameter);
}

function requireAcceptedMessage(parameter: string): void {
  const [name = "", value] = parameter.split("=").map((part) => part.trim());
  if (value === undefined) throw new UnsupportedBodyError(`${parameter} is no parameter of a content type`);
  if (name !== "proto") return;
  if (!KNOWN_MESSAGES.has(value)) throw new UnsupportedBodyError(`${value} is no remote write protobuf message`);
  if (value !== ACCEPTED_MESSAGE) {
    throw new UnsupportedBodyError(`${value} is not accepted by this server; only ${ACCEPTED_MESSAGE} is`);
  }
}
