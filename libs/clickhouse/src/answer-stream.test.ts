import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { AnswerStream } from "./answer-stream.ts";

const OPTIONS = { signal: undefined, maxBytes: 100, exceptionTag: "tag" };

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function bodyOf(chunks: readonly string[], end?: Error): Readable {
  return Readable.from(
    (async function* () {
      for (const chunk of chunks) yield Buffer.from(chunk);
      if (end !== undefined) throw end;
    })(),
  );
}

test("answer stream - passes the bytes on", async () => {
  expect(await readAll(new AnswerStream(bodyOf(["ab", "c"]), OPTIONS))).toBe("abc");
});

test("answer stream - too many bytes are refused, and the connection is closed", async () => {
  const body = bodyOf(["x".repeat(60), "x".repeat(60)]);
  await expect(readAll(new AnswerStream(body, OPTIONS))).rejects.toMatchObject({ code: "CLICKHOUSE_ANSWER_TOO_LARGE" });
  expect(body.destroyed).toBe(true);
});

test("answer stream - a broken answer ends with the server's exception where it gave one", async () => {
  const exception = "\r\n__exception__\r\ntag\r\nCode: 241. DB::Exception: memory";
  const broken = new AnswerStream(bodyOf(["data", exception], new Error("aborted")), OPTIONS);
  await expect(readAll(broken)).rejects.toMatchObject({ serverCode: 241 });
  await expect(readAll(new AnswerStream(bodyOf(["data"], new Error("aborted")), OPTIONS))).rejects.toThrow("aborted");
});

test("answer stream - an abort rejects with its reason and closes the connection", async () => {
  const abort = new AbortController();
  const body = new Readable({ read: () => undefined });
  const reading = readAll(new AnswerStream(body, { ...OPTIONS, signal: abort.signal }));
  abort.abort(new Error("enough"));
  await expect(reading).rejects.toThrow("enough");
  expect(body.destroyed).toBe(true);
});
