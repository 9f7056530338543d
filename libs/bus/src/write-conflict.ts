import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";

/** Tells whether a write of a bucket failed because someone else wrote the key since the revision that it names. */
export function isWriteConflict(error: unknown): boolean {
  return (
    error instanceof JetStreamApiError &&
    (error.code === JetStreamApiCodes.StreamWrongLastSequence ||
      error.code === JetStreamApiCodes.StreamWrongLastSequenceUnknown)
  );
}
