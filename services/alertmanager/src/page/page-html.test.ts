import { createHash } from "node:crypto";
import { createContext, Script } from "node:vm";
import { describe, expect, test } from "vitest";
import { BASE_SCRIPT } from "./base-script.ts";
import { PAGE_HTML, PAGE_POLICY } from "./page-html.ts";

function contentOf(tag: string): string {
  return new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(PAGE_HTML)?.[1] ?? "";
}

describe("page", () => {
  test("page - its policy allows exactly its own style and script", () => {
    for (const [tag, directive] of [
      ["style", "style-src"],
      ["script", "script-src"],
    ] as const) {
      const hash = createHash("sha256").update(contentOf(tag)).digest("base64");
      expect(PAGE_POLICY).toContain(`${directive} 'sha256-${hash}'`);
    }
    expect(PAGE_POLICY).not.toMatch(/unsafe|\*|https?:/);
  });

  test("page - loads nothing from elsewhere, and its script compiles and makes no markup", () => {
    expect(PAGE_HTML).not.toMatch(/<[^>]*\bsrc=|<link/);
    const script = contentOf("script");
    expect(script).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write|eval\(/);
    expect(() => new Script(script)).not.toThrow();
  });

  test("page - reads the matchers of links as they are written", () => {
    const context = createContext({ location: { pathname: "/am/", hash: "" }, document: {} });
    new Script(`${BASE_SCRIPT}; globalThis.parse = (text) => JSON.stringify(parseMatchers(text));`).runInContext(
      context,
    );
    const f = (text: string, ...expected: readonly (readonly [string, string, boolean, boolean])[]): void => {
      const matchers: unknown = JSON.parse(String(new Script(`parse(${JSON.stringify(text)})`).runInContext(context)));
      expect(matchers, text).toEqual(
        expected.map(([name, value, isRegex, isEqual]) => ({ name, value, isRegex, isEqual })),
      );
    };
    f("");
    f('{alertname="Down"}', ["alertname", "Down", false, true]);
    f(
      '{a="1",b=~"x|y", c!="}", d!~".*"}',
      ["a", "1", false, true],
      ["b", "x|y", true, true],
      ["c", "}", false, false],
      ["d", ".*", true, false],
    );
    f("a = plain,", ["a", "plain", false, true]);
    f('{"a b"="quote \\" and \\\\ and , comma"}', ["a b", 'quote " and \\ and , comma', false, true]);
    expect(() => new Script('parse("a")').runInContext(context)).toThrow(/not a matcher/);
    expect(() => new Script('parse("{a=\\"}")').runInContext(context)).toThrow(/not a matcher/);
  });
});
