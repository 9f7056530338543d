import type { DeliveryJob } from "./delivery-job.ts";

/** `missing`: nothing is known of it (any more). `ended`: sent, superseded or given up. */
export type QueuedState = "missing" | "waiting" | "ended";

/** Brings jobs to whichever replica sends them. */
export interface DeliveryQueue {
  /** Resolves when the job is in the queue; a job whose id is there already is left as it is. */
  add(job: DeliveryJob): Promise<void>;
  stateOf(id: string): Promise<QueuedState>;
}
