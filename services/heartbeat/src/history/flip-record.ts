import { z } from "zod";
import type { Flip } from "../checks/check.ts";

const STATUSES = ["new", "up", "down", "paused"] as const;

const flipRecordSchema = z.object({
  checkId: z.string(),
  project: z.string(),
  atMs: z.number(),
  from: z.enum(STATUSES),
  to: z.enum(STATUSES),
  reason: z.enum(["", "fail", "timeout"]),
});

/** A flip of a check, as it goes into the history. */
export type FlipRecord = Omit<Flip, "isNotified"> & { readonly checkId: string; readonly project: string };

export function encodeFlipRecord(record: FlipRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

/** Throws for bytes that are no record. */
export function decodeFlipRecord(bytes: Uint8Array): FlipRecord {
  return flipRecordSchema.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
}
