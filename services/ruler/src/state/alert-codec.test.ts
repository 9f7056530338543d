import { Labels } from "@monotreme/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ActiveAlert } from "../evaluation/active-alert.ts";
import { decodeAlerts, encodeAlerts, stateSignature } from "./alert-codec.ts";

const labels = fc
  .dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 5, noNullPrototype: true })
  .map((each) => Labels.fromObject(each));
const instant = fc.option(fc.nat(2 ** 45), { nil: undefined });

const alert: fc.Arbitrary<ActiveAlert> = fc.record({
  labels,
  annotations: labels,
  state: fc.constantFrom("inactive" as const, "pending" as const, "firing" as const),
  value: fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -0)),
  activeAtMs: fc.nat(2 ** 45),
  firedAtMs: instant,
  keepFiringSinceMs: instant,
  resolvedAtMs: instant,
  lastSentAtMs: instant,
});

test("alert codec - what is kept reads back as it was, small and large", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(alert, { maxLength: 40 }), async (alerts) => {
      const decoded = await decodeAlerts(await encodeAlerts(alerts));
      const plain = (each: readonly ActiveAlert[]) =>
        each.map((one) => ({ ...one, labels: one.labels.toObject(), annotations: one.annotations.toObject() }));
      expect(plain(decoded)).toEqual(plain(alerts));
      expect(stateSignature(decoded)).toBe(stateSignature(alerts));
    }),
    { numRuns: 50 },
  );
});

test("alert codec - what is no state is refused", async () => {
  for (const text of ["", "{", "{}", '{"alerts":[{}]}', "\u001f\u008b"]) {
    await expect(decodeAlerts(Buffer.from(text, "latin1")), text).rejects.toThrow();
  }
});
