import { expect, test } from "vitest";
import { parseSelector } from "./parse-selector.ts";

test("selector parser - gives the matchers of a selector", () => {
  expect(parseSelector('up{job=~"a.*"}').map(String)).toEqual(['job=~"a.*"', '__name__="up"']);
  expect(parseSelector('{"utf8.name"}').map(String)).toEqual(['__name__="utf8.name"']);
});

const f = (text: string, message: string) =>
  test(`selector parser - refuses ${text}`, () => {
    expect(() => parseSelector(text)).toThrow(message);
  });
f("up + 1", "1:1: parse error: expected a series selector without modifiers");
f("up offset 1m", "1:1: parse error: expected a series selector without modifiers");
f("up[5m]", "1:1: parse error: expected a series selector without modifiers");
f("{}", "1:1: parse error: vector selector must contain at least one non-empty matcher");
f("up{", "1:4: parse error: unexpected end of input inside braces");
