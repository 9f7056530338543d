import fc from "fast-check";
import { expect, test } from "vitest";
import { byteLengthOf, bytesOfString, mendText, stringOfBytes } from "./go-string.ts";

test("go string - any bytes survive the way to a string and back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = stringOfBytes(bytes);
      expect([...bytesOfString(text)]).toEqual([...bytes]);
      expect(byteLengthOf(text)).toBe(bytes.length);
    }),
  );
});

test("go string - halves of a character become the character again when they meet", () => {
  const bytes = bytesOfString("é");
  expect(mendText(stringOfBytes(bytes.subarray(0, 1)) + stringOfBytes(bytes.subarray(1)))).toBe("é");
  expect(mendText(stringOfBytes(bytes.subarray(0, 1)))).toBe("\ufffd");
});
