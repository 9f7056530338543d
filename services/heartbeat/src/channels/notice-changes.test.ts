import { expect, test } from "vitest";
import type { Flip } from "../checks/check.ts";
import { Secret } from "@monotreme/prometheus-config";
import type { NtfyChannel } from "../projects/channel-config.ts";
import type { ChannelRecord } from "./notice.ts";
import { afterFlip, afterGivingUp, afterSending } from "./notice-changes.ts";

const HOUR = 3_600_000;
const WHOSE = { checkId: "check", project: "project" };

const channelOf = (fields: Partial<NtfyChannel> = {}): NtfyChannel => ({
  id: "channel",
  name: "phone",
  kind: "ntfy",
  url: new Secret("http://ntfy/topic"),
  token: undefined,
  tokenFile: undefined,
  username: "",
  password: undefined,
  passwordFile: undefined,
  priorityDown: 4,
  priorityUp: 3,
  isToldDown: true,
  isToldUp: true,
  repeatMs: 4 * HOUR,
  ...fields,
});
const down = (atMs: number): Flip => ({ atMs, from: "up", to: "down", reason: "timeout", isNotified: true });
const up = (atMs: number): Flip => ({ atMs, from: "down", to: "up", reason: "", isNotified: true });

function flipped(flips: readonly Flip[], channel = channelOf()): ChannelRecord | undefined {
  let record: ChannelRecord | undefined;
  for (const flip of flips) record = afterFlip(record, WHOSE, channel, flip) ?? record;
  return record;
}

const told = (record: ChannelRecord | undefined): string[] =>
  (record?.waiting ?? []).map(
    ({ to, flipMs, repeat, dueMs }) => `${to} ${flipMs}${repeat > 0 ? `+${repeat}` : ""} @${dueMs}`,
  );

test.each<[what: string, flips: readonly Flip[], channel: NtfyChannel, expected: readonly string[]]>([
  ["both flips, in order", [down(1), up(2)], channelOf(), ["down 1 @1", "up 2 @2"]],
  ["a flip that comes again", [down(1), up(2), down(1), up(2)], channelOf(), ["down 1 @1", "up 2 @2"]],
  ["only what the channel wants", [down(1), up(2)], channelOf({ isToldDown: false }), ["up 2 @2"]],
  ["nothing of silent flips", [{ ...up(1), from: "new", isNotified: false }], channelOf(), []],
])("notices - %s", (_what, flips, channel, expected) => {
  expect(told(flipped(flips, channel))).toEqual(expected);
});

test("notices - a reminder follows each notice that was sent, until the check flips", () => {
  let record = flipped([down(1)]);
  for (const expected of [`down 1+1 @${4 * HOUR}`, `down 1+2 @${8 * HOUR}`]) {
    const [notice] = record?.waiting ?? [];
    if (record === undefined || notice === undefined) throw new Error("a notice waits");
    record = afterSending(record, notice, 4 * HOUR, notice.repeat === 0 ? 0 : notice.dueMs);
    expect(told(record)).toEqual([expected]);
  }
  expect(told(record && afterFlip(record, WHOSE, channelOf(), up(9 * HOUR)))).toEqual([`up ${9 * HOUR} @${9 * HOUR}`]);
  const paused: Flip = { ...up(9 * HOUR), to: "paused", isNotified: false };
  expect(told(record && afterFlip(record, WHOSE, channelOf(), paused))).toEqual([]);
});

test("notices - what is sent after the check came back has no reminder", () => {
  const record = flipped([down(1), up(2)]);
  const [notice] = record?.waiting ?? [];
  if (record === undefined || notice === undefined) throw new Error("a notice waits");
  expect(told(afterSending(record, notice, HOUR, 3))).toEqual(["up 2 @2"]);
});

test("notices - one that is given up is counted, and its fault kept until the next is sent", () => {
  const record = flipped([down(1), up(2)]);
  const [first, second] = record?.waiting ?? [];
  if (record === undefined || first === undefined || second === undefined) throw new Error("two notices wait");
  const failed = afterGivingUp(record, first, "no such topic");
  expect(failed).toMatchObject({ failures: 1, lastError: "no such topic" });
  expect(afterSending(failed, second, undefined, 5)).toMatchObject({
    failures: 1,
    lastError: "",
    sentMs: 5,
    waiting: [],
  });
});
