import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";

/** Whether someone else wrote a key since the revision that a write names. */
export function isWriteConflict(error: unknown): boolean {
  return (
    error instanceof JetStreamApiError &&
    (error.code === JetStreamApiCodes.StreamWrongLastSequence ||
      error.code === JetStreamApiCodes.StreamWrongLastSequenceUnknown)
  );
}
