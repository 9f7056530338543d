import { expect, test } from "vitest";
import { compileAnchored } from "./matcher.ts";
import { patternSize } from "./pattern-size.ts";

test("pattern size - counts what repetitions repeat", () => {
  const f = (pattern: string, expected: number): void => expect(patternSize(pattern), pattern).toBe(expected);
  f("", 0);
  f("abc", 3);
  f("ab{10}", 11);
  f("a{2,}b", 3);
  f("(ab){10}", 40);
  f("((ab){10}c){10}", 430);
  f("[a{9}]{3}", 3);
  f("[]{9}]{3}", 3);
  f("\\({5}", 5);
  f("a{x}", 4);
  f("(a{1000}", 1000);
});

test("pattern size - a pattern that would take seconds to compile is refused", () => {
  expect(() => compileAnchored("(x{1000})".repeat(500))).toThrow("expression too large");
  expect(() => compileAnchored("(x{0,1000})*".repeat(500))).toThrow("expression too large");
  expect(compileAnchored("(\\d{1,3}\\.){3}\\d{1,3}").matches("10.0.0.1")).toBe(true);
  expect(compileAnchored(`${"host-1.*|".repeat(2000)}x`).matches("x")).toBe(true);
});
