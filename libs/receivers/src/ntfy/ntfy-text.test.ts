import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { ALERT_SEPARATOR, fitText, textFromMessage } from "./ntfy-text.ts";

describe("ntfy text", () => {
  test("ntfy text - whole alerts stay, the others are counted", () => {
    const f = (parts: string[], maxBytes: number, expected: string, footer = "", maxAlerts = 0): void =>
      expect(fitText(textFromMessage(parts.join(ALERT_SEPARATOR), footer, maxAlerts), maxBytes)).toBe(expected);
    f(["one", "two", "three"], 100, "one\ntwo\nthree");
    f(["one", "two", "three"], 13, "one\ntwo\nthree");
    f(["one", "two", "three"], 12, "one\n+2 more");
    f(["one", "two", "three"], 11, "one\n+2 more");
    f(["aaaa", "bbbb", "cccc"], 13, "aaaa\n+2 more");
    f(["a".repeat(40), "b"], 20, `${"a".repeat(9)}…\n+1 more`);
    f(["ä".repeat(40)], 20, `${"ä".repeat(8)}…`);
    f(["one", "two-two-two"], 18, "one\n+1 more\nfooter", "footer");
    f(["one", "two", "three"], 100, "one\n+2 more\nfooter", "footer", 1);
    f([" one \n", "", "two"], 100, "one\ntwo");
    f([], 100, "");
  });

  test("ntfy text - a message without separators is cut at its end", () => {
    expect(fitText(textFromMessage("abcdefghij"), 8)).toBe("abcde…");
  });

  test("ntfy text - any message fits and no character is cut", () => {
    const part = fc.string({ unit: "grapheme", maxLength: 30 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), part, fc.integer({ min: 3, max: 120 }), (parts, footer, max) => {
        const text = fitText(textFromMessage(parts.join(ALERT_SEPARATOR), footer.trim()), max);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(max);
        expect(Buffer.from(text).toString("utf8")).toBe(text);
      }),
    );
  });
});
