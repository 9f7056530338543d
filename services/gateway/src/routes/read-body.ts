import type { Readable } from "node:stream";
import { AppError } from "@monotreme/errors";
import { MAX_UNCOMPRESSED_BYTES, WriteRequestTooLargeError } from "@monotreme/remote-write";
import type { ByteBudget, ByteLease } from "../admission/byte-budget.ts";

/** Snappy makes incompressible bytes at most a sixth longer; a larger body holds more than is allowed, or is none. */
export const MAX_BODY_BYTES = MAX_UNCOMPRESSED_BYTES + Math.ceil(MAX_UNCOMPRESSED_BYTES / 6) + 32;

/** A whole body; its owner releases the lease. */
export interface HeldBody {
  readonly bytes: Uint8Array;
  readonly lease: ByteLease;
}

/** Reads a request's body within the limits of one body and of all together; holds nothing where it throws. */
export async function readBody(request: Readable, budget: ByteBudget): Promise<HeldBody> {
  const lease = budget.lease();
  try {
    return { bytes: await collect(request, lease), lease };
  } catch (error) {
    lease.release();
    if (error instanceof AppError) throw error;
    throw new AppError("GATEWAY_BODY_ABORTED", "canceled", "the client went away within its request", { cause: error });
  }
}

async function collect(request: Readable, lease: ByteLease): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  // The connection must outlive a refusal, or the sender would see a reset instead of the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > MAX_BODY_BYTES) {
      throw new WriteRequestTooLargeError(`the body is longer than ${MAX_BODY_BYTES} bytes`);
    }
    lease.grow(chunk.length);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
}
