import fc from "fast-check";
import { expect, test } from "vitest";
import { globPattern } from "./glob-pattern.ts";

test("glob pattern - matches as Go's filepath.Match does", () => {
  const f = (glob: string, name: string, expected: boolean): void =>
    expect(globPattern(glob).test(name), `${glob} ${name}`).toBe(expected);
  f("*.tmpl", "a.tmpl", true);
  f("*.tmpl", "a.tmplx", false);
  f("*.tmpl", ".tmpl", true);
  f("a?c", "abc", true);
  f("a?c", "ac", false);
  f("[a-c]x", "bx", true);
  f("[^a-c]x", "bx", false);
  f("[^a-c]x", "dx", true);
  f("a\\*", "a*", true);
  f("a\\*", "ab", false);
  f("a.b+(c)", "a.b+(c)", true);
  f("a.b", "axb", false);
  f("[", "[", true);
});

test("glob pattern - a text without special characters matches itself only", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (glob, other) => {
      fc.pre(!/[*?[\\]/.test(glob));
      expect(globPattern(glob).test(glob)).toBe(true);
      expect(globPattern(glob).test(other)).toBe(glob === other);
    }),
  );
});

test("glob pattern - any text gives a pattern", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "-", "[", "]", "^", "\\", "*", "?") }), (glob) => {
      try {
        globPattern(glob);
      } catch (error) {
        // A range that runs backwards is the only thing that cannot be read.
        expect(String(error)).toContain("out of order");
      }
    }),
  );
});
