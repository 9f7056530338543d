import type { DeliveryFailureReason } from "@monotreme/receivers";

/** A notification that was given up, for people who want to know and try again. */
export interface FailedDelivery {
  /** Id of its job. */
  readonly id: string;
  readonly groupKey: string;
  readonly receiver: string;
  readonly integration: string;
  readonly integrationIndex: number;
  readonly alertCount: number;
  /** The flush that it belonged to. */
  readonly flushMs: number;
  readonly failedAtMs: number;
  readonly attempts: number;
  readonly reason: DeliveryFailureReason;
  /** For people; no secrets. */
  readonly message: string;
}

/** The notifications that were given up lately, at most a thousand; they live in Redis. */
export interface FailedDeliveries {
  /** The newest first. Rejects with `DELIVERY_QUEUE_UNAVAILABLE` while Redis is away. */
  list(limit: number): Promise<readonly FailedDelivery[]>;
  /** Tries one again, for as long as one of its first flush could; false where there is none of that id. */
  retry(id: string): Promise<boolean>;
}
