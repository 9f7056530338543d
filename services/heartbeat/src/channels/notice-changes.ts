import type { Flip } from "../checks/check.ts";
import type { ChannelConfig } from "../projects/channel-config.ts";
import type { ChannelRecord, Notice } from "./notice.ts";

/** A service that is away for very long loses the oldest. */
const MOST_WAITING = 20;

interface Whose {
  readonly checkId: string;
  readonly project: string;
}

/** The record after a flip; undefined where it was taken note of before. */
export function afterFlip(
  record: ChannelRecord | undefined,
  whose: Whose,
  channel: ChannelConfig,
  flip: Flip,
): ChannelRecord | undefined {
  if (record !== undefined && isKnown(record, flip)) return undefined;
  const before = record ?? { ...whose, channelId: channel.id, waiting: [], failures: 0, lastError: "" };
  const { atMs: flipMs, to, reason } = flip;
  const isTold = flip.isNotified && ((to === "down" && channel.isToldDown) || (to === "up" && channel.isToldUp));
  const notice: Notice[] =
    isTold && (to === "down" || to === "up") ? [{ flipMs, to, reason, repeat: 0, dueMs: flipMs }] : [];
  // Whatever happened, nobody is to be reminded of what was before.
  const waiting = [...before.waiting.filter(({ repeat }) => repeat === 0), ...notice].slice(-MOST_WAITING);
  if (record === undefined && waiting.length === 0) return undefined;
  return { ...before, waiting, lastFlipMs: flipMs, lastFlipTo: to };
}

/** The record after a notice was sent; a check that is still down is told again later where the channel wants so. */
export function afterSending(
  record: ChannelRecord,
  notice: Notice,
  repeatMs: number | undefined,
  nowMs: number,
): ChannelRecord {
  const waiting = withoutNotice(record, notice);
  const isStillSo = record.lastFlipMs === notice.flipMs && record.lastFlipTo === "down";
  const reminder: Notice[] =
    repeatMs !== undefined && notice.to === "down" && isStillSo
      ? [{ ...notice, repeat: notice.repeat + 1, dueMs: nowMs + repeatMs }]
      : [];
  return { ...record, waiting: [...waiting, ...reminder], sentMs: nowMs, lastError: "" };
}

/** The record after a notice was given up. */
export function afterGivingUp(record: ChannelRecord, notice: Notice, error: string): ChannelRecord {
  return {
    ...record,
    waiting: withoutNotice(record, notice),
    failures: record.failures + 1,
    lastError: error,
  };
}

export function isSameNotice(a: Notice, b: Notice): boolean {
  return a.flipMs === b.flipMs && a.to === b.to && a.repeat === b.repeat;
}

function withoutNotice(record: ChannelRecord, notice: Notice): Notice[] {
  return record.waiting.filter((each) => !isSameNotice(each, notice));
}

function isKnown(record: ChannelRecord, flip: Flip): boolean {
  return flip.atMs < record.lastFlipMs || (flip.atMs === record.lastFlipMs && flip.to === record.lastFlipTo);
}
