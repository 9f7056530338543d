import { z } from "zod";

const noticeSchema = z.object({
  /** When the check flipped, epoch ms. */
  flipMs: z.number(),
  to: z.enum(["up", "down"]),
  reason: z.enum(["", "fail", "timeout"]),
  /** 0 tells of the flip itself; later ones remind of it. */
  repeat: z.number(),
  /** Not before, epoch ms. */
  dueMs: z.number(),
});

/** One thing that a channel is to be told of a check. */
export type Notice = z.infer<typeof noticeSchema>;

const channelRecordSchema = z.object({
  checkId: z.string(),
  channelId: z.string(),
  project: z.string(),
  /** What is still to be told, the oldest first. */
  waiting: z.array(noticeSchema),
  /** The newest flip that was taken note of. */
  lastFlipMs: z.number(),
  lastFlipTo: z.string(),
  sentMs: z.number().optional(),
  /** How often a notice was given up, and the last fault; empty once something was sent. */
  failures: z.number(),
  lastError: z.string(),
});

/** What one channel was told of one check, and what it is still to be told. */
export type ChannelRecord = z.infer<typeof channelRecordSchema>;

export function encodeChannelRecord(record: ChannelRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

/** Throws for bytes that are no record. */
export function decodeChannelRecord(bytes: Uint8Array): ChannelRecord {
  return channelRecordSchema.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
}

/** The key of the bucket. */
export function recordKeyOf(checkId: string, channelId: string): string {
  return `${checkId}.${channelId}`;
}

/** The id of the job that sends a notice: one that is asked for again is the same job. */
export function noticeIdOf(key: string, { flipMs, to, repeat }: Notice): string {
  return `${key}_${flipMs}_${to}_${repeat}`;
}
