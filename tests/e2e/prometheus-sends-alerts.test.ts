import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { findFreePort } from "@monotreme/standalone";
import {
  createTemporaryFolder,
  eventually,
  startAlertmanager,
  startProgram,
  type TemporaryFolder,
  type TestAlertmanager,
  type TestProgram,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

interface WebhookMessage {
  readonly version: string;
  readonly status: string;
  readonly receiver: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly generatorURL: string;
  }[];
}

/** Keeps what it is told. */
class Webhook {
  readonly messages: WebhookMessage[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        this.messages.push(JSON.parse(Buffer.concat(chunks).toString()));
        response.end("ok");
      });
    });
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe("Prometheus sends its alerts to the alertmanager", () => {
  const webhook = new Webhook();
  let folder: TemporaryFolder;
  let alertmanager: TestAlertmanager;
  let prometheus: TestProgram;
  let prometheusUrl: string;
  let rulesFile: string;

  const writeRule = async (expression: string): Promise<void> =>
    writeFile(
      rulesFile,
      `
groups:
  - name: test
    interval: 500ms
    rules:
      - alert: AlwaysFiring
        expr: ${expression}
        labels: {severity: critical}
        annotations: {summary: "value {{ $value }}"}
`,
    );

  beforeAll(async () => {
    folder = await createTemporaryFolder("prometheus-alerts");
    const [hookPort, prometheusPort] = [await findFreePort(), await findFreePort()];
    await webhook.listen(hookPort);
    alertmanager = await startAlertmanager({
      configYaml: `
route: {receiver: hook, group_by: [alertname], group_wait: 500ms, group_interval: 1s}
receivers:
  - name: hook
    webhook_configs: [{url: "http://127.0.0.1:${hookPort}/"}]
`,
    });
    rulesFile = join(folder.path, "rules.yml");
    await writeRule("vector(7)");
    const configFile = join(folder.path, "prometheus.yml");
    await writeFile(
      configFile,
      `
global: {evaluation_interval: 500ms, external_labels: {cluster: test}}
rule_files: [${rulesFile}]
alerting: {alertmanagers: [{static_configs: [{targets: ["${new URL(alertmanager.url).host}"]}]}]}
`,
    );
    prometheusUrl = `http://127.0.0.1:${prometheusPort}`;
    prometheus = await startProgram(
      "prometheus",
      [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(folder.path, "tsdb")}`,
        `--web.listen-address=127.0.0.1:${prometheusPort}`,
        `--web.external-url=${prometheusUrl}`,
        "--web.enable-lifecycle",
        "--rules.alert.resend-delay=500ms",
      ],
      { readyPattern: /Server is ready to receive web requests/ },
    );
  });
  afterAll(async () => {
    await prometheus?.stop();
    await alertmanager?.stop();
    webhook.close();
    await folder?.remove();
  });

  test("a rule that fires reaches the receiver, once", async () => {
    const [first] = await eventually(() => webhook.messages.length > 0 && webhook.messages, { timeoutMs: 30_000 });
    expect(first).toMatchObject({
      version: "4",
      status: "firing",
      receiver: "hook",
      groupLabels: { alertname: "AlwaysFiring" },
      alerts: [
        {
          status: "firing",
          labels: { alertname: "AlwaysFiring", cluster: "test", severity: "critical" },
          annotations: { summary: "value 7" },
        },
      ],
    });
    expect(first?.alerts[0]?.generatorURL).toContain(prometheusUrl);
    const list = await (await fetch(`${alertmanager.url}/api/v2/alerts?active=true`)).json();
    expect(list).toMatchObject([{ labels: { alertname: "AlwaysFiring" }, status: { state: "active" } }]);
  });

  test("when it does not fire any more the receiver hears of it, and nothing was told twice", async () => {
    await writeRule("vector(7) > 8");
    expect((await fetch(`${prometheusUrl}/-/reload`, { method: "POST" })).status).toBe(200);
    await eventually(() => webhook.messages.at(-1)?.status === "resolved", { timeoutMs: 30_000 });
    expect(webhook.messages.map(({ status }) => status)).toEqual(["firing", "resolved"]);
    expect(await (await fetch(`${alertmanager.url}/api/v2/alerts`)).json()).toEqual([]);
  });
});
