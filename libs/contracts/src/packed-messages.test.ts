import fc from "fast-check";
import { expect, test } from "vitest";
import { packMessages, unpackMessages } from "./packed-messages.ts";

const part = fc.record({
  subject: fc.string({ unit: "grapheme", maxLength: 30 }).filter((text) => !/\p{Cs}/u.test(text)),
  data: fc.uint8Array(),
});

test("packed messages - any messages come back as they were, in their order", () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      const unpacked = unpackMessages(packMessages(parts));
      expect(unpacked.map(({ subject, data }) => ({ subject, data: Uint8Array.from(data) }))).toEqual(
        parts.map(({ subject, data }) => ({ subject, data: Uint8Array.from(data) })),
      );
    }),
  );
});

test("packed messages - what is cut is refused, wherever the cut is", () => {
  const parts = [
    { subject: "a", data: Uint8Array.of(1, 2, 3) },
    { subject: "b.c", data: Uint8Array.of(4) },
  ];
  const whole = packMessages(parts);
  const ends = parts.map((_, i) => packMessages(parts.slice(0, i)).length);
  for (let length = 0; length < whole.length; length++) {
    if (ends.includes(length)) continue;
    expect(() => unpackMessages(whole.subarray(0, length)), String(length)).toThrow();
  }
});

test("packed messages - other bytes never give more than they hold", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        for (const { data } of unpackMessages(bytes)) expect(data.length).toBeLessThan(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});
