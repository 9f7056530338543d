import { expect, test } from "vitest";
import { PartitionMessages, type StreamReader } from "./partition-messages.ts";

/** A stream whose leader has got as far as `lastSequence` of a log of messages. */
function streamOf(kept: readonly number[]) {
  const server = { lastSequence: 10, leader: "a", onGet: (): void => undefined };
  const visible = (sequence: number): boolean => sequence <= server.lastSequence && kept.includes(sequence);
  const streams: StreamReader = {
    getMessage: async (_stream, query) => {
      server.onGet();
      const wanted =
        query.next_by_subj === undefined ? [query.seq] : Array.from({ length: 10 }, (_, i) => query.seq + i);
      const seq = wanted.find(visible);
      return seq === undefined ? null : { seq, data: Uint8Array.of(seq), time: new Date(seq) };
    },
    deleteMessage: async () => true,
    info: async () => ({ state: { last_seq: server.lastSequence }, cluster: { leader: server.leader } }),
  };
  return { server, messages: new PartitionMessages(streams, 3) };
}

test("partition messages - one that is gone is told so by a leader that has had it", async () => {
  const { messages } = streamOf([4, 7]);
  expect(await messages.read(4)).toEqual(Uint8Array.of(4));
  expect(await messages.read(5)).toBeUndefined();
  expect(await messages.firstLeft(5, 6)).toBe(7);
  expect(await messages.firstLeft(8, 9)).toBeUndefined();
});

test("partition messages - a leader that has not caught up knows nothing of what is gone", async () => {
  const { server, messages } = streamOf([4, 7]);
  server.lastSequence = 6;
  await expect(messages.read(7)).rejects.toMatchObject({ code: "BUS_UNAVAILABLE" });
  await expect(messages.firstLeft(7, 7)).rejects.toMatchObject({ code: "BUS_UNAVAILABLE" });
  expect(await messages.read(5)).toBeUndefined();
});

test("partition messages - a leader that changes meanwhile proves nothing", async () => {
  const { server, messages } = streamOf([4]);
  let asked = 0;
  server.onGet = () => {
    if (++asked === 2) server.leader = "b";
  };
  await expect(messages.read(5)).rejects.toMatchObject({ code: "BUS_UNAVAILABLE" });
});
