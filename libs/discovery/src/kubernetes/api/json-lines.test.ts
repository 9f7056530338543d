import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJsonLines } from "./json-lines.ts";

async function* chunksOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

async function read(chunks: AsyncIterable<Uint8Array>, maxBytes = 1000): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const line of readJsonLines(chunks, maxBytes)) lines.push(line);
  return lines;
}

describe("json lines", () => {
  test("json lines - any way of cutting gives the same objects", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string(), fc.string({ unit: "binary" })), { maxLength: 5 }),
        fc.array(fc.nat(200), { maxLength: 10 }),
        async (objects, cuts) => {
          const bytes = Buffer.from(objects.map((each) => `${JSON.stringify(each)}\n`).join(""));
          const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].toSorted((a, b) => a - b);
          const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
          expect(await read(chunksOf(...chunks), 1e6)).toEqual(JSON.parse(JSON.stringify(objects)));
        },
      ),
    );
  });

  test("json lines - empty lines are passed over, and what a broken connection leaves behind", async () => {
    expect(await read(chunksOf('\n{"a":1}\r\n \n{"b":', "2}\n{"))).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test("json lines - a line may hold anything but is always an object", async () => {
    expect(await read(chunksOf("1\nnull\n[]\n"))).toEqual([{}, {}, {}]);
    await expect(read(chunksOf("{\n"))).rejects.toThrow("no JSON");
  });

  test("json lines - a line may not be longer than the bound, whole or not", async () => {
    const text = JSON.stringify({ a: "x".repeat(100) });
    await expect(read(chunksOf(`${text}\n`), 50)).rejects.toThrow("longer than 50 bytes");
    await expect(read(chunksOf(text.slice(0, 40), text.slice(40, 80)), 50)).rejects.toThrow("longer than 50 bytes");
  });
});
