import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { truncateBytes, truncateRunes } from "./truncate-text.ts";

describe("truncate text", () => {
  test("truncate text - runes count as code points and the last becomes an ellipsis", () => {
    const f = (text: string, max: number, expected: string): void => expect(truncateRunes(text, max)).toBe(expected);
    f("", 5, "");
    f("abcde", 5, "abcde");
    f("abcdef", 5, "abcd…");
    f("🔥🔥🔥🔥🔥", 5, "🔥🔥🔥🔥🔥");
    f("🔥🔥🔥🔥🔥🔥", 5, "🔥🔥🔥🔥…");
    f("abcdef", 3, "abc");
    f("abcdef", 0, "");
  });

  test("truncate text - bytes never end within a character", () => {
    const f = (text: string, max: number, expected: string): void => expect(truncateBytes(text, max)).toBe(expected);
    f("abcdef", 6, "abcdef");
    f("abcdefg", 6, "abc…");
    f("ää", 4, "ää");
    f("äää", 5, "ä…");
    f("äää", 4, "…");
    f("🔥🔥", 7, "🔥…");
    f("🔥🔥", 6, "…");
    f("abcdef", 3, "…");
    f("abcdef", 2, "..");
  });

  test("truncate text - any text fits its bound and keeps its beginning", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 3, max: 40 }), (text, max) => {
        const cut = truncateBytes(text, max);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(max);
        expect(cut === text || text.startsWith(cut.slice(0, -1))).toBe(true);
        expect(Array.from(truncateRunes(text, max)).length).toBeLessThanOrEqual(max);
      }),
    );
  });
});
