import { createHash } from "node:crypto";
import { Script } from "node:vm";
import { describe, expect, test } from "vitest";
import { HeartbeatFixture } from "../heartbeat-fixture.ts";
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
      expect(PAGE_POLICY).toContain(`${directive} 'sha256-${hash}';`);
    }
    expect(PAGE_POLICY).not.toMatch(/unsafe|\*|https?:/);
  });

  test("page - loads nothing from elsewhere, writes no markup and no key anywhere, and its script compiles", () => {
    expect(PAGE_HTML).not.toMatch(/<[^>]*\b(src|href)=/);
    const script = contentOf("script");
    expect(script).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write|localStorage|sessionStorage|cookie/);
    expect(() => new Script(script)).not.toThrow();
  });

  test("page - is the same for everybody, with the policy", async () => {
    const fixture = await new HeartbeatFixture().open();
    await fixture.create({ name: "secret name" });
    const { status, text, headers } = await fixture.ask("/");
    expect([status, text, headers["content-security-policy"]]).toEqual([200, PAGE_HTML, PAGE_POLICY]);
  });
});
