import { compileAnchored } from "@monotreme/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compileRelabelRegex } from "./relabel-regex.ts";

/** The engine's answer, which the quick ways must give too. */
function engineMatch(pattern: string, text: string): (string | undefined)[] | undefined {
  const matcher = compileAnchored(pattern).matcher(text);
  if (!matcher.matches()) return undefined;
  return Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? undefined);
}

const atom = fc.constantFrom("a", "b", "ab", ".*", ".+", "(.*)", "(.+)", "|", "_", "", "(a)|b", ".", "^", "$", "\\.");
const pattern = fc.array(atom, { maxLength: 4 }).map((atoms) => atoms.join(""));
const text = fc.string({ unit: fc.constantFrom("a", "b", "_", "\n", "."), maxLength: 5 });

test("relabel regex - the quick ways answer as the engine does", () => {
  fc.assert(
    fc.property(pattern, text, (source, value) => {
      const regex = compileRelabelRegex(source);
      const expected = engineMatch(source, value);
      expect(regex.match(value)).toEqual(expected);
      expect(regex.test(value)).toBe(expected !== undefined);
    }),
    { numRuns: 1000 },
  );
});

test("relabel regex - gives groups their names", () => {
  expect(compileRelabelRegex("(?P<head>.)(.*)").groupNames).toEqual({ head: 1 });
});

test("relabel regex - throws for a bad pattern", () => {
  for (const bad of ["(", "[a", "a(?=b)", "*", "a**"]) expect(() => compileRelabelRegex(bad)).toThrow();
});

test("relabel regex - a pattern that is hard for backtracking engines takes no time", () => {
  expect(compileRelabelRegex("(a+)+$b").test("a".repeat(5000))).toBe(false);
});
