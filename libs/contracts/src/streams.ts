/** Every JetStream stream, its subjects and its fixed settings. Sizes and replicas come from the configuration. */
export const SAMPLES_STREAM = "SAMPLES";
export const DEADLETTER_STREAM = "DEADLETTER";

/** Where the batches of one partition are published; consumed by the ingester that owns the partition. */
export function samplesSubject(partition: number): string {
  return `samples.${partition}`;
}

/** The subjects of all partitions. */
export const SAMPLES_SUBJECTS = "samples.>";

/** The partition that a subject belongs to; undefined for any other subject. */
export function partitionOfSubject(subject: string): number | undefined {
  const digits = /^samples\.(\d{1,4})$/.exec(subject)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The durable consumer that all ingesters share for one partition. */
export function ingesterConsumerName(partition: number): string {
  return `ingester-${partition}`;
}

/** Messages that no one could read, by the stream they came from. */
export function deadletterSubject(stream: string): string {
  return `deadletter.${stream.toLowerCase()}`;
}

/** The headers of a dead letter. */
export const DEADLETTER_HEADERS = {
  reason: "Monotreme-Reason",
  subject: "Monotreme-Subject",
  sequence: "Monotreme-Sequence",
} as const;

/** The tenant of a request without the header `X-Scope-OrgID`. */
export const DEFAULT_TENANT = "anonymous";

/** A message is closed at this size: measured, 128–512 kB carry the most through JetStream. */
export const BATCH_TARGET_BYTES = 512 * 1024;

/** The largest message that the bus takes; embedded and deployed servers are configured for it. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

/** The KV bucket in which an ingester writes down a batch's borders before it inserts it. */
export const INGEST_PLAN_BUCKET = "ingest_plan";
