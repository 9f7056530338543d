import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseBasicCredentials } from "./basic-credentials.ts";

const encode = (bytes: string | Uint8Array): string => `Basic ${Buffer.from(bytes).toString("base64")}`;

describe("basic credentials", () => {
  test("a name ends at the first colon, the rest is the password", () => {
    expect(parseBasicCredentials(encode("ü:p:w"))).toEqual({ name: "ü", password: "p:w" });
    expect(parseBasicCredentials(encode(":"))).toEqual({ name: "", password: "" });
    expect(parseBasicCredentials(encode("a:b").replace("Basic", "bAsIc  "))).toEqual({ name: "a", password: "b" });
  });

  test.each([
    ["nothing", undefined],
    ["another scheme", "Bearer YTpi"],
    ["no credentials", "Basic "],
    ["no colon", encode("ab")],
    ["no base64", "Basic a:b"],
    ["more after it", `${encode("a:b")} x`],
    ["bytes that are no UTF-8", encode(new Uint8Array([0x61, 0x3a, 0xff]))],
    ["more than anybody types", encode(`a:${"b".repeat(10_000)}`)],
  ])("%s is none", (_, header) => {
    expect(parseBasicCredentials(header)).toBeUndefined();
  });

  test("any name without a colon and any password come back", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 100 });
    fc.assert(
      fc.property(text, text, (name, password) => {
        fc.pre(!name.includes(":"));
        expect(parseBasicCredentials(encode(`${name}:${password}`))).toEqual({ name, password });
      }),
    );
  });
});
