import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { goJson, type GoJsonValue, orOmitted } from "./go-json.ts";

describe("Go's JSON", () => {
  const cases: readonly (readonly [string, GoJsonValue, string])[] = [
    ["escapes what HTML could misread", "<a href='x'>&</a>", String.raw`"\u003ca href='x'\u003e\u0026\u003c/a\u003e"`],
    ["escapes line separators", "a\u2028b\u2029", String.raw`"a\u2028b\u2029"`],
    ["keeps other characters", "ü 😀 \u007f", '"ü 😀 \u007f"'],
    ["escapes control characters", 'a"\\\n\t\u0001', String.raw`"a\"\\\n\t\u0001"`],
    ["replaces half characters", "a\ud800b", '"a\ufffdb"'],
    [
      "sorts maps by bytes, digits too",
      new Map([
        ["b", 1],
        ["10", 2],
        ["9", 3],
        ["ä", 4],
        ["B", 5],
      ]),
      '{"10":2,"9":3,"B":5,"b":1,"ä":4}',
    ],
    ["keeps the order of structs and leaves out undefined", { b: 1, c: undefined, a: null }, '{"b":1,"a":null}'],
    ["writes lists", [1, 1e21, 1e-7, true, "x", []], '[1,1e+21,1e-7,true,"x",[]]'],
  ];
  test.each(cases)("%s", (_name, value, expected) => {
    expect(goJson(value)).toBe(expected);
  });

  test("is read back as what it was", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        // JSON knows no negative zero.
        expect(JSON.parse(goJson(JSON.parse(JSON.stringify(value))))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("empty values are left out", () => {
    expect([orOmitted(""), orOmitted(false), orOmitted(0), orOmitted([]), orOmitted("x")]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      "x",
    ]);
  });
});
