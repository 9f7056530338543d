import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "@monotreme/standalone";
import {
  askApi,
  createTemporaryFolder,
  eventually,
  startProgram,
  startStandalone,
  type TemporaryFolder,
  type TestProgram,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

interface UpstreamAlert {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
}

const RULES = `groups:
- name: g
  rules:
  - {record: instance:up:max, expr: max(up)}
  - {alert: Always, expr: instance:up:max >= 0, labels: {severity: page, replica: own}, annotations: {text: "up is {{ $value }}"}}
  - {alert: Dropped, expr: vector(1), labels: {severity: none}}
`;

describe("alerting.alertmanagers with the original Alertmanager", () => {
  let folder: TemporaryFolder;
  let alertmanager: TestProgram;
  let alertmanagerPort: number;
  let standalone: TestStandalone;

  async function alerts(): Promise<readonly UpstreamAlert[]> {
    const response = await fetch(`http://127.0.0.1:${alertmanagerPort}/api/v2/alerts`);
    const found: unknown = await response.json();
    return found as readonly UpstreamAlert[];
  }

  beforeAll(async () => {
    folder = await createTemporaryFolder("upstream-alertmanager");
    alertmanagerPort = await findFreePort();
    await writeFile(join(folder.path, "am.yml"), "route: {receiver: none}\nreceivers: [{name: none}]\n");
    alertmanager = await startProgram(
      "prometheus-alertmanager",
      [
        `--config.file=${join(folder.path, "am.yml")}`,
        `--storage.path=${join(folder.path, "am")}`,
        `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
        "--cluster.listen-address=",
      ],
      { readyPattern: /Listening on|msg=Listening/ },
    );
    await writeFile(join(folder.path, "rules.yml"), RULES);
    await writeFile(join(folder.path, "targets.yml"), `- targets: ["127.0.0.1:${alertmanagerPort}"]\n`);
    standalone = await startStandalone({
      args: ["--web.enable-lifecycle", "--web.external-url=http://monitoring.example/"],
      configYaml: (address) => `
global: {scrape_interval: 1s, evaluation_interval: 1s, external_labels: {cluster: one, replica: a}}
rule_files: ["${folder.path}/rul*.yml"]
alerting:
  alert_relabel_configs: [{regex: replica, action: labeldrop}]
  alertmanagers:
  - file_sd_configs: [{files: ["${folder.path}/targets.yml"]}]
    alert_relabel_configs: [{source_labels: [severity], regex: none, action: drop}]
scrape_configs: [{job_name: self, static_configs: [{targets: ["${address}"]}]}]
`,
    });
  });

  afterAll(async () => {
    await standalone?.stop();
    await alertmanager?.stop();
    await folder?.remove();
  });

  test("it gets firing alerts as Prometheus would send them, and hears when they are resolved", async () => {
    const [alert] = await eventually(async () => {
      const found = await alerts();
      return found.length > 0 ? found : undefined;
    });
    expect(alert).toMatchObject({
      labels: { alertname: "Always", severity: "page", cluster: "one" },
      annotations: { text: "up is 1" },
      generatorURL: "http://monitoring.example/graph?g0.expr=instance%3Aup%3Amax+%3E%3D+0&g0.tab=1",
    });
    expect(alert?.labels).not.toHaveProperty("replica");
    expect(Date.parse(alert?.endsAt ?? "")).toBeGreaterThan(Date.now() + 180_000);
    expect(await alerts()).toHaveLength(1);
    const { activeAlertmanagers } = await askApi<{ activeAlertmanagers: { url: string }[] }>(
      `${standalone.url}/api/v1/alertmanagers`,
    );
    expect(activeAlertmanagers).toEqual([{ url: `http://127.0.0.1:${alertmanagerPort}/api/v2/alerts` }]);
    await writeFile(join(folder.path, "rules.yml"), RULES.replace(">= 0", "< 0"));
    expect((await fetch(`${standalone.url}/-/reload`, { method: "POST" })).status).toBe(200);
    await eventually(async () => (await alerts()).length === 0);
  });
});
