import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { DeliveryJob } from "./delivery-job.ts";
import { deliveryJobSchema } from "./delivery-job-schema.ts";

/** Larger jobs are compressed: alerts of one group repeat each other. */
const PLAIN_LIMIT = 32 * 1024;
/** What a job may have when it is read: a hundred thousand alerts. */
const MAX_BYTES = 512 * 2 ** 20;

/** A job as it stands in Redis. */
export interface PackedJob {
  readonly plain?: string;
  /** Deflated, in base64. */
  readonly packed?: string;
}

export function packJob(job: DeliveryJob): PackedJob {
  const plain = JSON.stringify(job);
  if (plain.length <= PLAIN_LIMIT) return { plain };
  return { packed: deflateRawSync(plain, { level: 1 }).toString("base64") };
}

/** Throws where Redis holds something else. */
export function unpackJob(data: PackedJob): DeliveryJob {
  const text =
    data.plain ?? inflateRawSync(Buffer.from(data.packed ?? "", "base64"), { maxOutputLength: MAX_BYTES }).toString();
  return deliveryJobSchema.parse(JSON.parse(text));
}
