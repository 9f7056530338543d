import { queryInstant, startStandalone, type TestStandalone } from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

describe("a route prefix", () => {
  let standalone: TestStandalone;

  beforeAll(async () => {
    standalone = await startStandalone({ args: ["--web.external-url=https://example.org/prom/"] });
  });
  afterAll(async () => {
    await standalone?.stop();
  });

  test.each([
    ["/prom/", 200],
    ["/prom/-/healthy", 200],
    ["/prom/-/ready", 200],
    ["/prom/metrics", 200],
    ["/prom/api/v1/query?query=1", 200],
    ["/prom", 302],
    ["/", 302],
    ["/-/healthy", 404],
    ["/promises/metrics", 404],
    ["/api/v1/query?query=1", 404],
  ])("route prefix - %s answers %d", async (path, status) => {
    const response = await fetch(standalone.url + path, { redirect: "manual" });
    expect(response.status).toBe(status);
    if (status === 302) expect(response.headers.get("location")).toBe("/prom/");
  });

  test("route prefix - a client that is given the address with its path works", async () => {
    expect(await queryInstant(`${standalone.url}/prom`, "vector(1)")).toHaveLength(1);
  });
});
