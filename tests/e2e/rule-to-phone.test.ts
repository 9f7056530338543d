import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "@monotreme/standalone";
import {
  createTemporaryFolder,
  eventually,
  type NtfyMessage,
  startNtfyServer,
  startProgram,
  startStandalone,
  type TemporaryFolder,
  type TestNtfyServer,
  type TestProgram,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const GROUP_WAIT_MS = 1000;

/** The whole way: an exporter, its scrape, a rule, the alertmanager, a phone. */
describe("from a rule to a phone", () => {
  let folder: TemporaryFolder;
  let exporter: TestProgram;
  let exporterAddress: string;
  let ntfy: TestNtfyServer;
  let standalone: TestStandalone;

  const startExporter = async (): Promise<TestProgram> =>
    startProgram("prometheus-node-exporter", [`--web.listen-address=${exporterAddress}`]);

  beforeAll(async () => {
    folder = await createTemporaryFolder("rule-to-phone");
    exporterAddress = `127.0.0.1:${await findFreePort()}`;
    exporter = await startExporter();
    ntfy = await startNtfyServer();
    await writeFile(
      join(folder.path, "rules.yml"),
      `
groups:
  - name: hosts
    rules:
      - alert: HostDown
        expr: up == 0
        for: 2s
        labels: {severity: critical}
        annotations:
          summary: "{{ $labels.instance }} does not answer"
          description: "job {{ $labels.job }} has been down since {{ $value | humanize }}"
`,
    );
    await writeFile(
      join(folder.path, "alertmanager.yml"),
      `
route: {receiver: phone, group_by: [alertname], group_wait: ${GROUP_WAIT_MS}ms, group_interval: 1s}
receivers:
  - name: phone
    webhook_configs: [{url: "${ntfy.url}/home#ntfy"}]
`,
    );
    standalone = await startStandalone({
      configYaml: `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ["${folder.path}/rules.yml"]
scrape_configs: [{job_name: node, static_configs: [{targets: ["${exporterAddress}"]}]}]
`,
      args: [`--alertmanager.config.file=${join(folder.path, "alertmanager.yml")}`],
    });
  });
  afterAll(async () => {
    await exporter?.stop("SIGKILL");
    await standalone?.stop();
    await ntfy?.close();
    await folder?.remove();
  });

  const messages = (): readonly NtfyMessage[] => ntfy.messages("home");

  const alertState = async (): Promise<string | undefined> => {
    const answer: { data: { alerts: { state: string }[] } } = JSON.parse(
      await (await fetch(`${standalone.url}/api/v1/alerts`)).text(),
    );
    return answer.data.alerts[0]?.state;
  };

  test("rule to phone - a host that answers is no news", async () => {
    await eventually(async () => {
      const targets = await (await fetch(`${standalone.url}/api/v1/targets`)).text();
      return targets.includes('"health":"up"');
    });
    expect(messages()).toEqual([]);
  });

  test("rule to phone - it stops: the rule waits its time, then the phone rings with the priority of its severity", async () => {
    await exporter.stop();
    await eventually(async () => (await alertState()) === "pending");
    expect(messages()).toEqual([]);
    const [message] = await eventually(() => messages().length > 0 && messages(), { timeoutMs: 30_000 });
    expect(await alertState()).toBe("firing");
    expect(message).toMatchObject({
      title: "[FIRING:1] HostDown",
      priority: 5,
      message: expect.stringContaining(`${exporterAddress} does not answer`),
    });
    expect(message?.actions?.length).toBeGreaterThan(0);
  });

  test("rule to phone - it comes back: the resolved message takes the place of the first", async () => {
    exporter = await startExporter();
    const [firing, resolved] = await eventually(() => messages().length > 1 && messages(), { timeoutMs: 30_000 });
    expect(resolved).toMatchObject({ title: "[RESOLVED] HostDown", priority: 2 });
    expect(resolved?.sequence_id).toBe(firing?.sequence_id);
    expect(ntfy.shown("home")).toHaveLength(1);
    expect(ntfy.shown("home")[0]).toMatchObject({ title: "[RESOLVED] HostDown" });
  });

  test("rule to phone - nothing was told twice", () => {
    expect(messages().map(({ title }) => title)).toEqual(["[FIRING:1] HostDown", "[RESOLVED] HostDown"]);
  });
});
