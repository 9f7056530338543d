import { packMessages, unpackMessages } from "@monotreme/contracts";
import { beforeEach, expect, test } from "vitest";
import { SharedTurn } from "../shared-turn.ts";
import { RecordSender } from "./record-sender.ts";

interface Published {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly messageId: string | undefined;
}

let published: Published[];
let fault: Error | undefined;
let sender: RecordSender;

beforeEach(() => {
  published = [];
  fault = undefined;
  const publish = async (subject: string, data: Uint8Array, messageId?: string): Promise<void> => {
    if (fault !== undefined) throw fault;
    published.push({ subject, data, messageId });
  };
  sender = new RecordSender({ publish, packedSubject: "packed" }, new SharedTurn());
});

const recordOf = (name: string, bytes = 3) => ({
  subject: `pings.${name}`,
  data: new Uint8Array(bytes).fill(name.charCodeAt(0)),
  messageId: name,
});

test("record sender - one by itself goes under its own subject and id", async () => {
  await sender.send(recordOf("a"));
  expect(published).toEqual([recordOf("a")]);
});

test("record sender - those of one turn share a message, in their order", async () => {
  const records = ["a", "b", "c"].map((name) => recordOf(name));
  await Promise.all(records.map(async (record) => sender.send(record)));
  expect(published).toEqual([{ subject: "packed", data: packMessages(records), messageId: undefined }]);
});

test("record sender - large ones and those that are to go alone do, and a shared message has bounds", async () => {
  const large = recordOf("l", 40_000);
  const alone = recordOf("x");
  const others = Array.from({ length: 20 }, (_, i) => recordOf(String.fromCharCode(97 + i), 30_000));
  await Promise.all([
    sender.send(large),
    sender.sendAlone(alone),
    ...others.map(async (record) => sender.send(record)),
  ]);
  const packed = published.filter(({ subject }) => subject === "packed").map(({ data }) => data);
  expect(
    published
      .filter(({ subject }) => subject !== "packed")
      .map(({ subject }) => subject)
      .toSorted(),
  ).toEqual(["pings.l", "pings.x"]);
  expect(packed.length).toBeGreaterThan(1);
  for (const { length } of packed) expect(length).toBeLessThan(300_000);
  expect(packed.flatMap((data) => unpackMessages(data).map(({ subject }) => subject))).toEqual(
    others.map(({ subject }) => subject),
  );
});

test("record sender - what cannot be kept is told to each that waits, and the next ones go", async () => {
  fault = new Error("away");
  const results = await Promise.allSettled([sender.send(recordOf("a")), sender.send(recordOf("b"))]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  fault = undefined;
  await sender.send(recordOf("c"));
  expect(published).toHaveLength(1);
});
