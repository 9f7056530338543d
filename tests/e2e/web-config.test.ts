import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findFreePort } from "@monotreme/standalone";
import {
  createTemporaryFolder,
  eventually,
  startProgram,
  startStandalone,
  type TemporaryFolder,
  type TestStandalone,
} from "@monotreme/testkit";
import { hashSync } from "bcryptjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const CERT = fileURLToPath(new URL("../fixtures/tls/localhost-cert.pem", import.meta.url));
const KEY = fileURLToPath(new URL("../fixtures/tls/localhost-key.pem", import.meta.url));
const START_SCRIPT = fileURLToPath(new URL("../../tools/start.mjs", import.meta.url));
const AUTH = "alice:opensesame";

const WEB_CONFIG = `
tls_server_config: {cert_file: ${CERT}, key_file: ${KEY}}
basic_auth_users: {alice: "${hashSync("opensesame", 6)}"}
`;

const CLIENT_CONFIG = `
basic_auth: {username: alice, password: opensesame}
tls_config: {ca_file: ${CERT}}
`;

function ask(url: string, auth?: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const options = { ca: readFileSync(CERT), agent: false as const, ...(auth === undefined ? {} : { auth }) };
    const sent = request(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.once("error", reject).end();
  });
}

describe("standalone with a web configuration", () => {
  let folder: TemporaryFolder;
  let standalone: TestStandalone;
  let url: string;

  beforeAll(async () => {
    folder = await createTemporaryFolder("web-config");
    await writeFile(join(folder.path, "web.yml"), WEB_CONFIG);
    await writeFile(join(folder.path, "client.yml"), CLIENT_CONFIG);
    const job = (name: string, own: string, client: string): string =>
      `  - {job_name: ${name}, scheme: https, static_configs: [{targets: ["${own}"]}], ${client}}\n`;
    const tls = `tls_config: {ca_file: ${CERT}}`;
    standalone = await startStandalone({
      configYaml: (own) =>
        `global: {scrape_interval: 1s}\nscrape_configs:\n` +
        job("known", own, `basic_auth: {username: alice, password: opensesame}, ${tls}`) +
        job("unknown", own, tls),
      args: [`--web.config.file=${join(folder.path, "web.yml")}`],
    });
    url = standalone.url.replace("http:", "https:");
  });
  afterAll(async () => {
    await standalone?.stop();
    await folder?.remove();
  });

  const run = async (command: string, ...args: readonly string[]): Promise<string> =>
    new Promise((resolve) => {
      const env = { ...process.env, SSL_CERT_FILE: CERT };
      execFile(command, args, { timeout: 30_000, env }, (_error, stdout, stderr) => resolve(`${stdout}${stderr}`));
    });

  test("every address asks for a password, and its probes do not", async () => {
    const addresses = [url, standalone.alertmanagerUrl, standalone.heartbeatUrl];
    expect(addresses.every((address) => address.startsWith("https://"))).toBe(true);
    for (const address of addresses) {
      expect((await ask(`${address}/`)).status, address).toBe(401);
      expect((await ask(`${address}/metrics`)).status, address).toBe(401);
      expect((await ask(`${address}/metrics`, AUTH)).status, address).toBe(200);
      expect((await ask(`${address}/-/ready`)).status, address).toBe(200);
    }
    await expect(fetch(`${standalone.url}/-/ready`)).rejects.toThrow();
  });

  test("the start page and the scrape of itself work with credentials", async () => {
    const page = await ask(`${url}/`, AUTH);
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining("data-query") });
    const upOf = async (job: string): Promise<string> =>
      (await ask(`${url}/api/v1/query?query=${encodeURIComponent(`up{job="${job}"}`)}`, AUTH)).text;
    await eventually(async () => /,"1"\]/.test(await upOf("known")) && /,"0"\]/.test(await upOf("unknown")));
    expect((await ask(`${url}/api/v1/targets`, AUTH)).text).toContain("401");
  });

  test("promtool and amtool sign in", async () => {
    const withPassword = url.replace("https://", `https://${AUTH}@`);
    expect(await run("promtool", "query", "instant", withPassword, "vector(42)")).toContain("=> 42");
    expect(await run("promtool", "query", "instant", url, "vector(42)")).toMatch(/401|unauthorized/i);
    const alertmanager = ["--no-version-check", `--alertmanager.url=${standalone.alertmanagerUrl}`];
    const credentials = `--http.config.file=${join(folder.path, "client.yml")}`;
    expect(await run("amtool", ...alertmanager, credentials, "alert", "add", "Door", "room=cellar")).toBe("");
    expect(await run("amtool", ...alertmanager, credentials, "alert", "query")).toContain("Door");
    expect(await run("amtool", ...alertmanager, "alert", "query")).toMatch(/401|unauthorized/i);
  });

  test("the log and the flags tell no secret", async () => {
    expect(standalone.output()).not.toMatch(/opensesame|\$2[aby]\$/);
  });

  test("a file that is not there ends the start with the reason", async () => {
    const program = await startProgram(process.execPath, [
      START_SCRIPT,
      `--web.config.file=${join(folder.path, "gone.yml")}`,
      `--config.file=${standalone.configFile}`,
      `--storage.path=${join(folder.path, "data")}`,
      `--web.listen-address=127.0.0.1:${await findFreePort()}`,
    ]);
    expect(await program.exited()).toBe(1);
    expect(program.output()).toContain("gone.yml: cannot read the web configuration: no such file");
  });
});
