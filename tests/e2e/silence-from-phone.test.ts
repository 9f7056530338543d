import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createTemporaryFolder,
  eventually,
  type NtfyAction,
  startAlertmanager,
  startNtfyServer,
  type TemporaryFolder,
  type TestAlertmanager,
  type TestNtfyServer,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

describe("silence button of a message on the phone", () => {
  let ntfy: TestNtfyServer;
  let folder: TemporaryFolder;
  let alertmanager: TestAlertmanager;

  beforeAll(async () => {
    ntfy = await startNtfyServer();
    folder = await createTemporaryFolder("ntfy");
    const ntfyFile = join(folder.path, "ntfy.yml");
    await writeFile(ntfyFile, "receivers: {phone: {silence_action: {mode: http, durations: [1h]}}}\n");
    alertmanager = await startAlertmanager({
      configYaml: `
route: {receiver: phone, group_by: [alertname], group_wait: 200ms, group_interval: 1s}
receivers:
  - name: phone
    webhook_configs: [{url: "${ntfy.url}/alerts#ntfy"}]
`,
      args: [`--ntfy.config.file=${ntfyFile}`],
    });
  });
  afterAll(async () => {
    await alertmanager?.stop();
    await ntfy?.close();
    await folder?.remove();
  });

  /** As a phone does it: the request of the button, without anything of ours. */
  const press = async ({ url, method }: NtfyAction): Promise<Response> =>
    fetch(String(url), { method: typeof method === "string" ? method : "POST" });

  const alerts = async (): Promise<unknown> => (await fetch(`${alertmanager.url}/api/v2/alerts`)).json();

  test("silences the alerts of the message once, and never a second time", async () => {
    const labels = { alertname: "Down", instance: "a", severity: "critical" };
    await fetch(`${alertmanager.url}/api/v2/alerts`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify([{ labels, annotations: { summary: "a is down" } }]),
    });
    const [message] = await eventually(() => ntfy.messages("alerts").length > 0 && ntfy.messages("alerts"));
    expect(message).toMatchObject({ priority: 5, message: expect.stringContaining("a is down") });
    const button = message?.actions?.find(({ action }) => action === "http");
    if (button === undefined) throw new Error(`no silence button: ${JSON.stringify(message)}`);
    expect(JSON.stringify(button)).not.toMatch(/authorization|password/i);

    expect(await alerts()).toMatchObject([{ status: { state: "active" } }]);
    expect((await press({ ...button, method: "GET" })).status).toBe(405);
    const pressed = await press(button);
    expect(pressed.status).toBe(200);
    expect(pressed.headers.get("access-control-allow-origin")).toBe("*");
    const { silenceID }: { silenceID: string } = JSON.parse(await pressed.text());
    expect(await alerts()).toMatchObject([{ status: { state: "suppressed", silencedBy: [silenceID] } }]);
    const silence: { startsAt: string; endsAt: string; matchers: { name: string }[] } = JSON.parse(
      await (await fetch(`${alertmanager.url}/api/v2/silence/${silenceID}`)).text(),
    );
    // It begins when it is written, an instant after the end was computed.
    const lengthMs = Date.parse(silence.endsAt) - Date.parse(silence.startsAt);
    expect(Math.abs(lengthMs - 3_600_000)).toBeLessThan(1000);
    expect(silence.matchers.map(({ name }) => name).sort()).toEqual(Object.keys(labels).sort());

    expect((await press(button)).status).toBe(404);
    expect((await fetch(`${alertmanager.url}/api/v2/silence-token/guess`, { method: "POST" })).status).toBe(404);
  });
});
