import fc from "fast-check";
import { expect, test } from "vitest";
import { decodePlans, encodePlans, planToken } from "./insert-plan.ts";

test("insert plan - plans are read back as they were written", () => {
  const plan = fc.record({ sequences: fc.array(fc.integer({ min: 1, max: 2 ** 48 }), { minLength: 1 }) });
  fc.assert(
    fc.property(fc.array(plan), fc.option(fc.string(), { nil: undefined }), (plans, owner) => {
      expect(decodePlans(encodePlans({ owner, plans }))).toEqual({ owner, plans });
    }),
  );
});

test("insert plan - what cannot be read is no plan", () => {
  const f = (text: string): void => expect(decodePlans(Buffer.from(text)).plans).toEqual([]);
  f("");
  f("null");
  f("{");
  f('{"plans":7}');
  f('{"plans":[[],["1"],[1.5],null]}');
});

test("insert plan - batches with other messages have other tokens", () => {
  const tokens = [[5], [5, 6], [5, 7], [5, 6, 7]].map((sequences) => planToken("SAMPLES", 3, { sequences }));
  expect(tokens[3]).toBe("SAMPLES/3/5-7/3");
  expect(new Set(tokens).size).toBe(4);
});
