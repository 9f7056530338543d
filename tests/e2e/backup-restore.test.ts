import { appendFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { commandOf, createCommandOutput } from "@monotreme/standalone";
import {
  askApi,
  createTemporaryFolder,
  eventually,
  queryInstant,
  queryValue,
  startStandalone,
  type TemporaryFolder,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

interface Ended {
  readonly code: number | undefined;
  readonly output: string;
}

async function run(...argv: string[]): Promise<Ended> {
  let text = "";
  const sink = { write: (part: string) => (text += part) };
  const code = await commandOf({ argv, environment: {} })?.(createCommandOutput(sink, sink));
  return { code, output: text };
}

const RULES = `groups:
- {name: g, interval: 1s, rules: [{record: one, expr: vector(1)}, {alert: Always, expr: vector(7) > 1, labels: {severity: info}}]}
`;
const CHECKS =
  "projects: [{name: ours, ping_key: our-ping-key, api_key_readonly: our-readonly-key, checks: [{name: nightly}]}]\n";

/** What must be the same after a backup is restored. */
interface State {
  readonly samples: unknown;
  readonly labels: unknown;
  readonly silences: readonly { readonly id: string; readonly comment: string }[];
  readonly activeAt: string | undefined;
  readonly checks: readonly { readonly n_pings: number; readonly last_ping: string }[];
}

describe("backup and restore", () => {
  let folder: TemporaryFolder;
  let standalone: TestStandalone;
  let backup: string;

  beforeAll(async () => {
    folder = await createTemporaryFolder("backup");
    backup = join(folder.path, "backup");
    const [rules, checks] = [join(folder.path, "rules.yml"), join(folder.path, "heartbeat.yml")];
    await writeFile(rules, RULES);
    await writeFile(checks, CHECKS);
    standalone = await startStandalone({
      configYaml: (own) => `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [${rules}]
scrape_configs: [{job_name: self, static_configs: [{targets: ["${own}"]}]}]
`,
      args: [`--heartbeat.config.file=${checks}`],
    });
  });
  afterAll(async () => {
    await standalone?.stop();
    await folder?.remove();
  });

  /** As of an instant that lies before the backup: nothing that came later may count. */
  const stateAt = async (seconds: number): Promise<State> => {
    const range = new URLSearchParams({ query: "up", start: String(seconds - 5), end: String(seconds), step: "1" });
    const { alerts } = await askApi<{ alerts: readonly { readonly activeAt: string }[] }>(
      `${standalone.url}/api/v1/alerts`,
    );
    const checks = await fetch(`${standalone.heartbeatUrl}/api/v3/checks/`, {
      headers: { "X-Api-Key": "our-readonly-key" },
    });
    const silences = await fetch(`${standalone.alertmanagerUrl}/api/v2/silences`);
    return {
      samples: [
        await askApi(`${standalone.url}/api/v1/query_range?${range.toString()}`),
        await queryInstant(standalone.url, 'count({job="self"})', seconds),
      ],
      labels: await askApi(`${standalone.url}/api/v1/label/__name__/values`),
      silences: ((await silences.json()) as State["silences"]).map(({ id, comment }) => ({ id, comment })),
      activeAt: alerts[0]?.activeAt,
      checks: ((await checks.json()) as { readonly checks: State["checks"] }).checks.map(({ n_pings, last_ping }) => ({
        n_pings,
        last_ping,
      })),
    };
  };

  test("backup and restore - queries, silences, checks and alerts are the same after the data was wiped", async () => {
    for (let i = 0; i < 3; i++) await fetch(`${standalone.heartbeatUrl}/ping/our-ping-key/nightly`);
    const now = Date.now();
    const silence = await fetch(`${standalone.alertmanagerUrl}/api/v2/silences`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        matchers: [{ name: "alertname", value: "Nobody", isRegex: false }],
        startsAt: new Date(now).toISOString(),
        endsAt: new Date(now + 86_400_000).toISOString(),
        createdBy: "somebody",
        comment: "kept",
      }),
    });
    expect(silence.status).toBe(200);
    await eventually(
      async () => expect(await queryValue(standalone.url, "count_over_time(one[1m])")).toBeGreaterThan(8),
      {
        timeoutMs: 60_000,
      },
    );
    const atSeconds = Math.floor(Date.now() / 1000) - 2;
    const before = await stateAt(atSeconds);
    expect(before.silences).toHaveLength(1);
    expect(before.checks).toEqual([{ n_pings: 3, last_ping: expect.any(String) }]);
    expect(before.activeAt).toBeDefined();

    const running = await run("backup", backup, `--storage.path=${standalone.storagePath}`);
    expect(running).toEqual({ code: 1, output: expect.stringContaining("is in use by process") });
    expect(await standalone.terminate()).toBe(0);
    const saved = await run("backup", backup, `--storage.path=${standalone.storagePath}`);
    expect(saved).toEqual({ code: 0, output: expect.stringMatching(/is saved in .*: \d+ files, [\d.]+ MiB/) });

    await rm(standalone.storagePath, { recursive: true });
    const restored = await run("restore", backup, "--storage.path", standalone.storagePath);
    expect(restored).toEqual({ code: 0, output: expect.stringContaining("is as it was at") });
    await standalone.restart();
    expect(await stateAt(atSeconds)).toEqual({ ...before, labels: expect.arrayContaining(["one", "up"]) });
    // It is a data folder like any other: samples go on.
    await eventually(async () => expect(await queryValue(standalone.url, "time() - timestamp(one)")).toBeLessThan(3), {
      timeoutMs: 30_000,
    });
  });

  test("restore - refuses a folder with data, and leaves it as it is", async () => {
    expect(await run("restore", backup, `--storage.path=${standalone.storagePath}`)).toEqual({
      code: 1,
      output: expect.stringContaining("is not empty"),
    });
  });

  test("restore - refuses a backup with a changed or a missing file, and restores nothing of it", async () => {
    const target = join(folder.path, "restored");
    const config = join(backup, "data", "nats", "nats.conf");
    await appendFile(config, "#");
    const changed = await run("restore", backup, `--storage.path=${target}`);
    expect(changed).toEqual({ code: 1, output: expect.stringContaining("nats.conf is not as it was saved") });
    await rm(config);
    const missing = await run("restore", backup, `--storage.path=${target}`);
    expect(missing).toEqual({ code: 1, output: expect.stringContaining("nats.conf is missing") });
    await rename(join(backup, "monotreme-backup.json"), join(folder.path, "aside.json"));
    expect((await run("restore", backup, `--storage.path=${target}`)).output).toContain("holds no finished backup");
    expect(await readdir(folder.path)).not.toContain("restored");
  });

  test("backup - refuses a folder inside of the data, and to be asked without one", async () => {
    const data = join(folder.path, "data");
    expect((await run("backup", join(data, "x"), `--storage.path=${data}`)).code).toBe(1);
    expect((await run("backup")).code).toBe(2);
    expect((await run("restore", "--nope", backup)).code).toBe(2);
  });
});
