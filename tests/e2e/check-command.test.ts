import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { commandOf, createCommandOutput } from "@monotreme/standalone";
import { createTemporaryFolder, type TemporaryFolder } from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const TLS = resolve(import.meta.dirname, "../fixtures/tls");

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(command: string, args: readonly string[]): Promise<Ended> {
  return new Promise((done) => {
    execFile(command, args, { cwd: ROOT }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : (error.code ?? "signal"), stdout, stderr });
    });
  });
}

/** What `npm run monotreme -- …` does, in this very process. */
async function monotreme(...argv: string[]): Promise<Ended> {
  let [stdout, stderr] = ["", ""];
  const output = createCommandOutput({ write: (text) => (stdout += text) }, { write: (text) => (stderr += text) });
  const code = (await commandOf({ argv, environment: {} })?.(output)) ?? "no such command";
  return { code, stdout, stderr };
}

const GOOD_RULES = "groups: [{name: g, rules: [{record: r, expr: up}, {alert: A, expr: up == 0}]}]\n";
const BAD_RULES = `groups:
- name: g
  rules:
  - {record: fine, expr: up}
  - {record: broken, expr: sum(}
  - {alert: B, expr: up, annotations: {summary: "{{ .Nope"}}
`;

describe("check", () => {
  let folder: TemporaryFolder;
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder.path, name);
    await writeFile(path, text);
    return path;
  };

  beforeAll(async () => {
    folder = await createTemporaryFolder("check");
    await mkdir(join(folder.path, "rules"));
    await write("rules/good.yml", GOOD_RULES);
    await write("rules/bad.yml", BAD_RULES);
    await write("targets.yml", "- targets: [a:1]\n");
    await write("targets.json", '[{"targets": "a:1"}]');
    await write("password", "x");
  });
  afterAll(async () => folder?.remove());

  test("check rules - counts what is there, names every fault by its line, and ends as promtool does", async () => {
    const [good, bad] = [join(folder.path, "rules/good.yml"), join(folder.path, "rules/bad.yml")];
    const fine = await monotreme("check", "rules", good);
    expect(fine).toEqual({ code: 0, stdout: `Checking ${good}\n  SUCCESS: 2 rules found in 1 group\n\n`, stderr: "" });
    const both = await monotreme("check", "rules", good, bad);
    expect(both.code).toBe(1);
    expect(both.stdout).toContain("SUCCESS: 2 rules");
    expect(both.stderr).toContain(`FAILED: ${bad}: 2 faults`);
    expect(both.stderr).toMatch(/bad\.yml:5:\d+: .*could not parse expression/);
    expect(both.stderr).toMatch(/bad\.yml:6:\d+: .*annotation "summary"/);
    const asProcess = await run(process.execPath, ["tools/monotreme.mjs", "check", "rules", good, bad]);
    expect(asProcess).toEqual(both);
    const missing = await monotreme("check", "rules", "/none.yml");
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("/none.yml")]);
    expect([
      (await run("promtool", ["check", "rules", good])).code,
      (await run("promtool", ["check", "rules", bad])).code,
    ]).toEqual([0, 1]);
  });

  const config = (text: string): string => `rule_files: [rules/good.yml]\nscrape_configs:\n- job_name: a\n${text}`;

  test("check config - rule files, files of targets and of passwords are looked at too", async () => {
    const good = await write(
      "good.yml",
      config(
        `  file_sd_configs: [{files: [targets.yml, none-*.yml]}]\n  basic_auth: {username: a, password_file: password}\n`,
      ),
    );
    const fine = await monotreme("check", "config", good);
    expect([fine.code, fine.stderr]).toEqual([0, ""]);
    expect(fine.stdout).toContain(
      `WARNING: job "a": no file of targets matches ${join(folder.path, "none-*.yml")} (yet)`,
    );
    expect(fine.stdout).toContain("SUCCESS: 1 scrape config, 1 rule file, 1 file of targets");
    expect(fine.stdout).toContain("SUCCESS: 2 rules found in 1 group");
    expect((await run("promtool", ["check", "config", good])).code).toBe(0);
  });

  const isRefused = (what: string, text: string, fault: RegExp): void =>
    test(`check config - refuses ${what}`, async () => {
      const path = await write("bad.yml", text);
      const ended = await monotreme("check", "config", path);
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(fault);
      expect((await run("promtool", ["check", "config", path])).code).toBe(1);
    });
  isRefused("a field that nobody knows", config("  metric_path: /x\n"), /bad\.yml:4:\d+: .*metric_path/);
  isRefused("two jobs of one name", config("- job_name: a\n"), /bad\.yml:4:\d+: /);
  isRefused("faulty rules", "rule_files: [rules/*.yml]\n", /rules\/bad\.yml:5:/);
  isRefused("a rule file that is not there", "rule_files: [rules/none.yml]\n", /none\.yml: .*(no such file|ENOENT)/);
  isRefused(
    "a broken file of targets",
    config("  file_sd_configs: [{files: [targets.json]}]\n"),
    /targets\.json: expected a list/,
  );
  isRefused(
    "a token that is not there",
    config("  authorization: {credentials_file: none.pem}\n"),
    /job "a": .*none\.pem: no such file/,
  );

  test("check alertmanager - what it found, templates included; ends as amtool does", async () => {
    await write("good.tmpl", '{{ define "x" }}y{{ end }}');
    const text =
      "route: {receiver: x, routes: [{receiver: y}]}\nreceivers: [{name: x}, {name: y, webhook_configs: [{url: 'http://a'}]}]\n";
    const good = await write("am.yml", `${text}templates: [good.tmpl]\n`);
    expect(await monotreme("check", "alertmanager", good)).toEqual({
      code: 0,
      stdout: `Checking ${good}\n  SUCCESS: 2 routes, 2 receivers with 1 integration, 0 inhibit rules, 0 time intervals, 1 template file\n\n`,
      stderr: "",
    });
    await write("bad.tmpl", '{{ define "x" }}');
    for (const [name, bad, fault] of [
      ["am-template.yml", `${text}templates: [bad.tmpl]\n`, /bad\.tmpl/],
      ["am-receiver.yml", "route: {receiver: z}\nreceivers: [{name: x}]\n", /am-receiver\.yml:1:\d+: /],
    ] as const) {
      const path = await write(name, bad);
      const ended = await monotreme("check", "alertmanager", path);
      expect([ended.code, ended.stderr]).toEqual([1, expect.stringMatching(fault)]);
      expect((await run("amtool", ["check-config", path])).code).not.toBe(0);
    }
  });

  test("check web - certificates and keys are read and tried", async () => {
    const tls = (cert: string): string =>
      `tls_server_config: {cert_file: ${cert}, key_file: ${join(TLS, "localhost-key.pem")}}\n`;
    const fine = await monotreme("check", "web", await write("web.yml", tls(join(TLS, "localhost-cert.pem"))));
    expect([fine.code, fine.stderr]).toEqual([0, ""]);
    expect(fine.stdout).toContain("SUCCESS: TLS");
    const missing = await monotreme("check", "web", await write("web.yml", tls("none.crt")));
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("none.crt")]);
    const plain = await monotreme("check", "web", await write("web.yml", "basic_auth_users: {a: secret}\n"));
    expect(plain.code).toBe(1);
    expect(plain.stderr).not.toContain("secret");
  });

  test.each([
    [["check"], 2],
    [["check", "what", "x.yml"], 2],
    [["check", "rules"], 2],
    [["check", "rules", "x.yml", "--nope=1"], 2],
    [["check", "--help"], 0],
  ])("check - %j ends with %i and says how it is used", async (args, code) => {
    const ended = await monotreme(...args);
    expect(ended.code).toBe(code);
    expect(ended.stdout + ended.stderr).toMatch(/Usage: npm run monotreme -- check|unknown flag --nope/);
  });
});
