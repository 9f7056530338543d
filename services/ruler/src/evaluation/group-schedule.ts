import { createHash } from "node:crypto";

/**
 * When a group is evaluated: every interval, shifted by an offset that spreads groups. It depends on the group's file and
 * name alone, so that it is the same after a restart and on every replica.
 */
export interface GroupSchedule {
  readonly intervalMs: number;
  readonly offsetMs: number;
}

export function groupSchedule(file: string, name: string, intervalMs: number): GroupSchedule {
  const hash = createHash("sha256")
    .update(JSON.stringify([file, name]))
    .digest()
    .readBigUInt64BE(0);
  return { intervalMs, offsetMs: Number(hash % BigInt(intervalMs)) };
}

/** The last slot at or before an instant. */
export function slotAt({ intervalMs, offsetMs }: GroupSchedule, nowMs: number): number {
  return Math.floor((nowMs - offsetMs) / intervalMs) * intervalMs + offsetMs;
}

export interface NextSlot {
  readonly tsMs: number;
  /** Slots that were passed over because evaluation took too long. */
  readonly missed: number;
}

/** What follows the evaluation of a slot that ended now: one late slot is made up for, more are missed. */
export function slotAfter({ intervalMs }: GroupSchedule, lastMs: number, nowMs: number): NextSlot {
  const steps = Math.max(1, Math.floor((nowMs - lastMs) / intervalMs));
  return { tsMs: lastMs + steps * intervalMs, missed: steps - 1 };
}
