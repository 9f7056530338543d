import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { ByteBudget } from "../admission/byte-budget.ts";
import { MAX_BODY_BYTES, readBody } from "./read-body.ts";

function* megabytes(count: number): IterableIterator<Buffer> {
  for (let i = 0; i < count; i++) yield Buffer.alloc(1 << 20, i);
}

describe("read body", () => {
  test("read body - joins the chunks and holds their bytes until they are released", async () => {
    const budget = new ByteBudget(100);
    const { bytes, lease } = await readBody(Readable.from([Buffer.from("ab"), Buffer.from("c")]), budget);
    expect([Buffer.from(bytes).toString(), budget.usedBytes]).toEqual(["abc", 3]);
    lease.release();
    lease.release();
    expect(budget.usedBytes).toBe(0);
  });

  test("read body - stops at the limit of one body and holds nothing", async () => {
    const budget = new ByteBudget(1 << 30);
    const request = Readable.from(megabytes(100));
    await expect(readBody(request, budget)).rejects.toMatchObject({ code: "REMOTE_WRITE_TOO_LARGE" });
    expect(budget.usedBytes).toBe(0);
    // The connection is still there for the answer.
    expect(request.destroyed).toBe(false);
    expect(MAX_BODY_BYTES).toBeLessThan(40 << 20);
  });

  test("read body - refuses what does not fit beside other bodies, which stay", async () => {
    const budget = new ByteBudget(5 << 20);
    const first = await readBody(Readable.from(megabytes(3)), budget);
    await expect(readBody(Readable.from(megabytes(3)), budget)).rejects.toMatchObject({ code: "GATEWAY_OVERLOADED" });
    expect(budget.usedBytes).toBe(3 << 20);
    first.lease.release();
    expect((await readBody(Readable.from(megabytes(5)), budget)).bytes.length).toBe(5 << 20);
  });

  test("read body - a client that goes away within its request leaves nothing behind", async () => {
    const budget = new ByteBudget(100);
    const request = Readable.from(
      (function* (): IterableIterator<Buffer> {
        yield Buffer.from("abc");
        throw new Error("aborted");
      })(),
    );
    await expect(readBody(request, budget)).rejects.toMatchObject({ code: "GATEWAY_BODY_ABORTED", kind: "canceled" });
    expect(budget.usedBytes).toBe(0);
  });
});
