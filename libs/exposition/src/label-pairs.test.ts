import { Labels } from "@monotreme/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hasUniqueNames, labelsFromPairs } from "./label-pairs.ts";

const pairs = fc
  .uniqueArray(fc.tuple(fc.string({ unit: "binary", minLength: 1, maxLength: 3 }), fc.string({ maxLength: 2 })), {
    maxLength: 24,
    selector: ([name]) => name,
  })
  .map((entries) => entries.flat());

test("label pairs - give the set that any order of entries gives", () => {
  fc.assert(
    fc.property(pairs, (names) => {
      const entries = names.flatMap((name, i) => (i % 2 === 0 ? [[name, names[i + 1] ?? ""] as const] : []));
      expect([...labelsFromPairs(names)]).toEqual([...Labels.fromEntries(entries)]);
    }),
  );
});

test("label pairs - find a repeated name among few and many", () => {
  fc.assert(
    fc.property(pairs, fc.nat(), (names, pick) => {
      expect(hasUniqueNames(names)).toBe(true);
      const again = names[(pick % (names.length / 2 || 1)) * 2];
      if (again !== undefined) expect(hasUniqueNames([...names, again, "x"])).toBe(false);
    }),
  );
});
