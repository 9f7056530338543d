import { AppError, messageOf } from "@monotreme/errors";

/** Redis cannot be reached, so nothing can be said about queued notifications; they are kept and sent all the same. */
export class DeliveryQueueUnavailableError extends AppError {
  constructor(cause: unknown) {
    const what = messageOf(cause);
    super(
      "DELIVERY_QUEUE_UNAVAILABLE",
      "unavailable",
      `the queue of notifications in Redis is not available: ${what}`,
      {
        cause,
      },
    );
  }
}
