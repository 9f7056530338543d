import fc from "fast-check";
import { expect, test } from "vitest";
import type { Silence } from "./silence.ts";
import { decodeSilence, encodeSilence } from "./silence-codec.ts";

const text = fc.string({ unit: "grapheme" });
const time = fc.integer({ min: 0, max: 253_402_300_799_000 });

const silences: fc.Arbitrary<Silence> = fc.record({
  id: fc.uuid(),
  matchers: fc.array(fc.record({ name: text, value: text, isRegex: fc.boolean(), isEqual: fc.boolean() })),
  startsAtMs: time,
  endsAtMs: time,
  updatedAtMs: time,
  createdBy: text,
  comment: text,
  annotations: fc.dictionary(
    fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== "__proto__"),
    text,
  ),
});

test("silence codec - gives back what was put in", () => {
  fc.assert(
    fc.property(silences, (silence) => {
      expect(decodeSilence(encodeSilence(silence))).toEqual({ ...silence, annotations: { ...silence.annotations } });
    }),
  );
});

test("silence codec - anything else is no silence, and no fault", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void decodeSilence(bytes)));
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(decodeSilence(new TextEncoder().encode(json))).toBeUndefined();
    }),
  );
});
