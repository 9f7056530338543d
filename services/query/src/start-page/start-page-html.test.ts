import { createHash } from "node:crypto";
import { Script } from "node:vm";
import { describe, expect, test } from "vitest";
import { START_PAGE_POLICY, startPageHtml } from "./start-page-html.ts";

const INFO = {
  roles: ["query", '<img src=x onerror="alert(1)">'],
  startedMs: 1000,
  flags: new Map<string, string>(),
  renderConfig: () => "",
  configState: () => ({ loadedMs: 0, isSuccess: true }),
};

function contentOf(html: string, tag: string): string {
  return new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(html)?.[1] ?? "";
}

describe("start page", () => {
  test("start page - escapes what it shows", () => {
    const html = startPageHtml(INFO);
    expect(html).not.toContain("<img");
    expect(html).toContain("<li>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;</li>");
  });

  test("start page - its policy allows exactly its own style and script", () => {
    const html = startPageHtml(INFO);
    for (const [tag, directive] of [
      ["style", "style-src"],
      ["script", "script-src"],
    ] as const) {
      const hash = createHash("sha256").update(contentOf(html, tag)).digest("base64");
      expect(START_PAGE_POLICY).toContain(`${directive} 'sha256-${hash}';`);
    }
    expect(START_PAGE_POLICY).not.toMatch(/unsafe|\*|https?:/);
  });

  test("start page - loads nothing from elsewhere, and its script compiles", () => {
    const html = startPageHtml(INFO);
    expect(html).not.toMatch(/<[^>]*\b(src|href)=/);
    const script = contentOf(html, "script");
    expect(script).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write/);
    expect(() => new Script(script)).not.toThrow();
  });

  test("start page - names the write address only where it is served", () => {
    expect(startPageHtml(INFO)).not.toContain("/api/v1/write");
    expect(startPageHtml({ ...INFO, roles: ["gateway"] })).toContain('data-path="/api/v1/write"');
  });
});
