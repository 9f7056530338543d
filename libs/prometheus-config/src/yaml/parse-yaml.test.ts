import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineCounter, parseDocument, stringify } from "yaml";
import { parseYaml } from "./parse-yaml.ts";

/** Each line deeper than the one before. */
function staircase(levels: number, line: string): string {
  return Array.from({ length: levels }, (_, level) => `${" ".repeat(level * line.length)}${line}`).join("\n");
}

function parse(text: string) {
  return parseYaml(text, {});
}

describe("yaml", () => {
  test.each([
    ["brackets", "[".repeat(500)],
    ["braces", '{"a":'.repeat(500)],
    ["millions of them", "[".repeat(3_000_000)],
    ["both", "[{a: ".repeat(250)],
    ["lists in one line", `${"- ".repeat(500)}a`],
    ["keys that are keys", `${"? ".repeat(500)}a`],
    ["mappings in one line", `${"a: ".repeat(500)}b`],
    ["mappings by indentation", staircase(500, "a:")],
    ["lists by indentation", staircase(500, "- ")],
    ["stairs of lists", staircase(30, "- ".repeat(20))],
    ["brackets in blocks", `${staircase(250, "a:")} ${"[".repeat(250)}`],
    ["mappings that a parser makes of broken ones", "b:\n  x: y".repeat(1000)],
    ["what comes after many lines", `${"a: 1\n".repeat(1000)}b: ${"[".repeat(500)}`],
    ["what comes after a document", `a: 1\n---\n${"[".repeat(500)}`],
  ])("yaml - %s, too deep, are not made into nodes", (_what, text) => {
    expect(parse(text)).toBeUndefined();
  });

  test.each([
    ["a long line of brackets", `[${"{a: 1}, ".repeat(5000)}]`],
    ["many siblings", `a:\n${"- b: c\n  d:\n  - e\n".repeat(5000)}`],
    [
      "brackets in texts",
      `- "${"[".repeat(5000)}"\n- '${"{".repeat(5000)}'\n# ${"[".repeat(5000)}\n- |\n  ${"[".repeat(5000)}\n`,
    ],
    ["what is far to the right", `a:\n${" ".repeat(5000)}b: c\n`],
    ["many levels", `${staircase(300, "a:")} b`],
  ])("yaml - %s are no matter", (_what, text) => {
    expect(parse(text)?.errors).toEqual([]);
  });

  test("yaml - gives what the parser gives by itself, errors and lines too", () => {
    const pieces = fc.constantFrom(
      "- ",
      "? ",
      "a: ",
      "[",
      "{",
      "b",
      "\n",
      "  ",
      ": ",
      "&a ",
      "*a",
      "!t ",
      "---\n",
      "]",
    );
    const more = fc.constantFrom(
      "}",
      ",",
      "|\n",
      '"',
      "'",
      "# c\n",
      "\t",
      "\r\n",
      "...\n",
      "%YAML 1.2\n",
      "\u0000",
      ">",
    );
    const broken = fc.array(fc.oneof(pieces, more), { maxLength: 30 }).map((parts) => parts.join(""));
    const whole = fc.jsonValue().map((value) => stringify(value));
    fc.assert(
      fc.property(fc.oneof(broken, whole), (text) => {
        const lines = new LineCounter();
        const ours = parseYaml(text, { schema: "failsafe", lineCounter: lines });
        const theirLines = new LineCounter();
        const theirs = parseDocument(text, { schema: "failsafe", prettyErrors: false, lineCounter: theirLines });
        const code = (error: { readonly code: string; readonly pos: unknown }): unknown => [error.code, error.pos];
        expect(ours?.errors.map(code)).toEqual(theirs.errors.map(code));
        expect(JSON.stringify(ours?.document.contents)).toBe(JSON.stringify(theirs.contents));
        expect(lines.lineStarts).toEqual(theirLines.lineStarts);
      }),
    );
  });
});
