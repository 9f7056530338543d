import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTemporaryFolder, startStandalone, type TemporaryFolder, type TestStandalone } from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

describe("limits by tenant", () => {
  let folder: TemporaryFolder;
  let file: string;
  let standalone: TestStandalone;

  beforeAll(async () => {
    folder = await createTemporaryFolder("limits-test");
    file = join(folder.path, "limits.yml");
    await writeFile(file, "tenants: {small: {query: {max_steps: 3}}}\n");
    standalone = await startStandalone({ args: [`--limits.config.file=${file}`, "--web.enable-lifecycle"] });
  });
  afterAll(async () => {
    await standalone?.stop();
    await folder?.remove();
  });

  const statusFor = async (tenant: string): Promise<number> => {
    const url = `${standalone.url}/api/v1/query_range?query=1&start=0&end=10&step=1`;
    return (await fetch(url, { headers: { "X-Scope-OrgID": tenant } })).status;
  };
  const reload = async (text: string): Promise<number> => {
    await writeFile(file, text);
    return (await fetch(`${standalone.url}/-/reload`, { method: "POST" })).status;
  };

  test("each tenant's queries meet their own limits, a reload changes them, a broken file nothing", async () => {
    expect([await statusFor("small"), await statusFor("other")]).toEqual([422, 200]);
    expect(await reload("tenants: {other: {query: {max_steps: 3}}}\n")).toBe(200);
    expect([await statusFor("small"), await statusFor("other")]).toEqual([200, 422]);
    expect(await reload("tenants: {small: {query: {max_step: 3}}}\n")).toBe(500);
    expect([await statusFor("small"), await statusFor("other")]).toEqual([200, 422]);
  });
});
