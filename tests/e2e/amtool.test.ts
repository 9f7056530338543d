import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createTemporaryFolder,
  startAlertmanager,
  type TemporaryFolder,
  type TestAlertmanager,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const CONFIG = `
global: {resolve_timeout: 5m}
templates: []
route:
  receiver: everyone
  group_by: [alertname]
  routes:
    - matchers: [team="db", severity=~"critical|page"]
      receiver: databases
      continue: true
    - match: {team: web}
      receiver: web
      mute_time_intervals: [nights]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [alertname]
time_intervals:
  - name: nights
    time_intervals: [{times: [{start_time: "20:00", end_time: "24:00"}], weekdays: ["monday:friday"]}]
receivers:
  - name: everyone
  - name: databases
    webhook_configs: [{url: "http://127.0.0.1:1/hook", http_config: {basic_auth: {username: u, password: hidden}}}]
  - name: web
    email_configs: [{to: a@example.org, from: b@example.org, smarthost: "127.0.0.1:25", auth_password: hidden}]
`;

interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe("amtool against the alertmanager", () => {
  let alertmanager: TestAlertmanager;
  let folder: TemporaryFolder;

  beforeAll(async () => {
    folder = await createTemporaryFolder("amtool");
    alertmanager = await startAlertmanager({ configYaml: CONFIG });
  });
  afterAll(async () => {
    await alertmanager?.stop();
    await folder?.remove();
  });

  const run = async (...args: readonly string[]): Promise<Run> =>
    new Promise((resolve) => {
      const argv = [`--alertmanager.url=${alertmanager.url}`, ...args];
      execFile("amtool", argv, { timeout: 30_000 }, (error, stdout, stderr) => {
        const exitCode = typeof error?.code === "number" ? error.code : error === null ? 0 : 1;
        resolve({ exitCode, stdout, stderr });
      });
    });

  /** Its output, where it ends well. */
  const amtool = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect(exitCode, `${args.join(" ")}\n${stdout}${stderr}`).toBe(0);
    return stdout;
  };

  const json = async (...args: readonly string[]) => JSON.parse(await amtool("-o", "json", ...args));

  test("alerts are added and queried by their labels and state", async () => {
    await amtool("alert", "add", "Down", "team=db", "instance=a", "--annotation=summary=it is down");
    await amtool("alert", "add", "alertname=Slow", "team=web", "--generator-url=http://prometheus/graph");
    expect(await json("alert", "query", "Down")).toMatchObject([
      {
        annotations: { summary: "it is down" },
        labels: { alertname: "Down", instance: "a", team: "db" },
        receivers: [{ name: "everyone" }],
        status: { state: "active" },
      },
    ]);
    expect(await amtool("alert", "query", 'team=~"web|x"')).toMatch(/^Slow\b/m);
    expect(await amtool("alert", "query", "--receiver=web")).not.toContain("Down");
    expect(await amtool("-o", "extended", "alert", "query")).toContain('alertname="Down" instance="a" team="db"');
    expect(await json("alert", "query", "team!=db")).toHaveLength(1);
  });

  test("a silence is added, queried, prolonged, ended and imported again", async () => {
    const add = ["silence", "add", "--duration=1h", "--comment=maintenance", "--author=operator"];
    const id = (await amtool(...add, "alertname=Down", 'instance=~"a|b"')).trim();
    expect(await json("silence", "query")).toMatchObject([
      {
        id,
        comment: "maintenance",
        createdBy: "operator",
        status: { state: "active" },
        matchers: [
          { name: "alertname", value: "Down", isRegex: false },
          { name: "instance", value: "a|b", isRegex: true },
        ],
      },
    ]);
    expect(await json("alert", "query", "Down")).toEqual([]);
    expect(await json("alert", "query", "--silenced", "Down")).toMatchObject([
      { status: { state: "suppressed", silencedBy: [id] } },
    ]);
    await amtool("silence", "update", "--duration=2h", "--comment=longer", id);
    expect(await json("silence", "query", "alertname=Down")).toMatchObject([{ id, comment: "longer" }]);
    const kept = await amtool("-o", "json", "silence", "query");
    await amtool("silence", "expire", id);
    expect(await json("silence", "query")).toEqual([]);
    expect(await json("silence", "query", "--expired")).toMatchObject([{ id, status: { state: "expired" } }]);
    expect(await json("alert", "query", "Down")).toHaveLength(1);

    const file = join(folder.path, "silences.json");
    await writeFile(file, kept);
    await amtool("silence", "import", file);
    const [imported] = await json("silence", "query");
    expect(imported).toMatchObject({ comment: "longer", status: { state: "active" } });
    expect(imported.id).not.toBe(id);
    // An id that nobody knows: the import goes on without it.
    await writeFile(file, kept.replaceAll(id, "11111111-2222-4333-8444-555555555555"));
    await amtool("silence", "import", "--force", file);
    expect(await json("silence", "query", "--within=3h")).toHaveLength(2);
    expect((await amtool("silence", "query", "-q")).trim().split("\n")).toHaveLength(2);
  });

  test("what cannot be is refused with a message", async () => {
    const bad = await run("silence", "add", "--duration=1h", "--comment=x", 'a=~"("');
    expect(bad.exitCode).not.toBe(0);
    const unknown = await run("silence", "expire", "11111111-2222-4333-8444-555555555555");
    expect(unknown.exitCode).not.toBe(0);
    expect(unknown.stderr).toContain("404");
  });

  test("the configuration that it shows is one that it can read, without secrets", async () => {
    const shown = await amtool("config", "show");
    expect(shown).toContain("receiver: everyone");
    expect(shown).not.toContain("hidden");
    const file = join(folder.path, "shown.yml");
    await writeFile(file, shown);
    expect(await amtool("check-config", file)).toContain("SUCCESS");
    expect(await amtool("check-config", alertmanager.configFile)).toMatch(/1 inhibit rules\n - 3 receivers/);
  });

  test("the routing tree is shown and tried by label sets", async () => {
    const tree = await amtool("config", "routes", "show");
    expect(tree).toContain("default-route  receiver: everyone");
    expect(tree).toMatch(/receiver: databases/);
    expect((await amtool("config", "routes", "test", "team=db", "severity=page")).trim()).toBe("databases");
    expect((await amtool("config", "routes", "test", "team=web")).trim()).toBe("web");
    await amtool("config", "routes", "test", "--verify.receivers=everyone", "team=other");
    const wrong = await run("config", "routes", "test", "--verify.receivers=everyone", "team=web");
    expect(wrong.exitCode).toBe(1);
  });

  test("the cluster is shown", async () => {
    const shown = await amtool("cluster", "show");
    expect(shown).toMatch(/Cluster Status:\s+ready/);
    expect(shown).toMatch(/Node Name:\s+\S+/);
  });
});
