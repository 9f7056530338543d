import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { commandOf, createCommandOutput, findFreePort } from "@monotreme/standalone";
import { eventually, queryValue, startStandalone, type TestStandalone } from "@monotreme/testkit";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function status(...flags: string[]): Promise<Ended> {
  let [stdout, stderr] = ["", ""];
  const output = createCommandOutput({ write: (text) => (stdout += text) }, { write: (text) => (stderr += text) });
  const code = await commandOf({ argv: ["status", ...flags], environment: {} })?.(output);
  if (code === undefined) throw new Error("no command status");
  return { code, stdout, stderr };
}

describe("status", () => {
  let standalone: TestStandalone;
  let away: string;

  beforeAll(async () => {
    away = `127.0.0.1:${await findFreePort()}`;
    standalone = await startStandalone({
      configYaml: (own) => `
global: {scrape_interval: 1s, evaluation_interval: 1s}
scrape_configs: [{job_name: monotreme, static_configs: [{targets: ["${own}"]}]}]
`,
      args: ["--web.enable-lifecycle"],
    });
    await eventually(async () => expect(await queryValue(standalone.url, "up")).toBe(1), { timeoutMs: 30_000 });
  });
  afterAll(async () => standalone?.stop());

  test("status - of a stack where all is well: roles, versions, targets, lag; ends with 0", async () => {
    const ended = await status(`--url=${standalone.url}`);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toMatch(/standalone +ready +http:\/\/127\.0\.0\.1:\d+ +\d+\.\d+\.\d+/);
    expect(ended.stdout).toContain("Targets: 1 up, 0 down");
    expect(ended.stdout).toMatch(
      /Ingest: oldest sample that waits [\d.]+ s, \d+ messages in the stream, 0 dead letters/,
    );
    expect(ended.stdout).toContain("Blocks: 0 due, 0 set aside");
    expect(ended.stdout).toContain("Notifications: 0 failed");
  });

  test("status - a role that was named and is away, and one that is not ready, are broken; ends with 1", async () => {
    const starting = createServer((_, response) => void response.writeHead(503).end("is not ready yet: NATS"));
    await new Promise<void>((done) => starting.listen(0, "127.0.0.1", done));
    const { port } = starting.address() as AddressInfo;
    const ended = await status(
      `--url=${standalone.url}`,
      `--ingester.url=http://${away}`,
      `--gateway.url=http://127.0.0.1:${port}/`,
    );
    starting.close();
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(`BROKEN: ingester at http://${away}`);
    expect(ended.stderr).toContain(`BROKEN: gateway at http://127.0.0.1:${port}: is not ready yet: NATS`);
  });

  test("status - targets that are down are named and broken, alerts that fire are named", async () => {
    const rules = "groups: [{name: g, rules: [{alert: Always, expr: vector(1), labels: {severity: info}}]}]\n";
    await writeFile(join(dirname(standalone.configFile), "rules.yml"), rules);
    await writeFile(
      standalone.configFile,
      `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs: [{job_name: gone, static_configs: [{targets: ["${away}"]}]}]
`,
    );
    await fetch(`${standalone.url}/-/reload`, { method: "POST" });
    await eventually(
      async () => {
        const ended = await status(`--url=${standalone.url}`);
        expect(ended.stdout).toContain("Targets: 0 up, 1 down");
        expect(ended.stdout).toContain(`down: gone http://${away}/metrics`);
        expect(ended.stdout).toContain('Always {severity="info"} since');
        expect([ended.code, ended.stderr]).toEqual([1, "BROKEN: 1 targets are down\n"]);
        return true;
      },
      { timeoutMs: 30_000 },
    );
  });

  test("status - nothing there ends with 1, a wrong command line with 2", async () => {
    const ended = await status(`--url=http://${away}`);
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining(`at http://${away}`)]);
    expect((await status("--nope")).code).toBe(2);
    expect((await status("--help")).code).toBe(0);
  });
});
