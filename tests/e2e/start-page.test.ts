import { eventually, queryInstant, startStandalone, type TestStandalone } from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

describe("start page of standalone", () => {
  let standalone: TestStandalone;

  beforeAll(async () => {
    standalone = await startStandalone({
      configYaml: (own) => `
global: {scrape_interval: 1s}
scrape_configs: [{job_name: monotreme, static_configs: [{targets: ["${own}"]}]}]
`,
    });
  });
  afterAll(async () => {
    await standalone?.stop();
  });

  test("start page - is a page that loads nothing from elsewhere", async () => {
    const response = await fetch(`${standalone.url}/`);
    const html = await response.text();
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(html).not.toMatch(/\s(?:src|href)\s*=\s*["']?(?:https?:)?\/\//i);
    expect(html).not.toMatch(/@import|url\(/);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test("start page - what it asks for is answered: the targets with their addresses, and its three queries", async () => {
    const html = await (await fetch(`${standalone.url}/`)).text();
    expect(html).toContain("/api/v1/targets");
    const queries = [...html.matchAll(/data-query="([^"]+)"/g)].map((match) => match[1] ?? "");
    expect(queries).toHaveLength(3);
    await eventually(async () => {
      expect(await (await fetch(`${standalone.url}/api/v1/targets?state=active`)).text()).toContain(
        `"scrapeUrl":"${standalone.url}/metrics"`,
      );
      for (const query of queries) {
        expect(await queryInstant(standalone.url, query), query).not.toHaveLength(0);
      }
      return true;
    });
  });

  test.each([
    ["/-/healthy", 200],
    ["/-/ready", 200],
    ["/metrics", 200],
    ["/nothing-here", 404],
  ])("start page - %s beside it answers %d", async (path, status) => {
    expect((await fetch(`${standalone.url}${path}`)).status).toBe(status);
  });
});
