import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type NtfyConfig, parseAlertmanagerConfig } from "@monotreme/alertmanager-config";
import { Secret } from "@monotreme/prometheus-config";
import {
  createIntegrations,
  createNotificationTemplates,
  type IntegrationContext,
  type Notification,
  NtfyIntegration,
  NtfyServers,
  type TemplateFile,
} from "@monotreme/receivers";
import {
  createTemporaryFolder,
  type NtfyServerOptions,
  startNtfyServer,
  type TestNtfyServer,
} from "@monotreme/testkit";
import { afterEach, describe, expect, test } from "vitest";

import { PLAIN_HTTP, sampleAlert, sampleContext, sampleNotification } from "./receivers-fixture.ts";

const FREE = new AbortController().signal;
const defaultOf = (field: string): string => `{{ template "ntfy.default.${field}" . }}`;

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function server(options: NtfyServerOptions = {}): Promise<TestNtfyServer> {
  const started = await startNtfyServer(options);
  closers.push(() => started.close());
  return started;
}

function configOf(url: string, rest: Partial<NtfyConfig> = {}): NtfyConfig {
  return {
    sendResolved: true,
    httpConfig: PLAIN_HTTP,
    url: new Secret(url),
    urlFile: undefined,
    topic: "",
    token: undefined,
    tokenFile: undefined,
    username: "",
    password: undefined,
    passwordFile: undefined,
    title: defaultOf("title"),
    message: defaultOf("message"),
    priority: defaultOf("priority"),
    tags: [defaultOf("tags")],
    click: defaultOf("click"),
    actions: [],
    silenceAction: { durationsMs: [], mode: "view" },
    icon: "",
    attach: "",
    filename: "",
    markdown: false,
    delay: "",
    email: "",
    call: "",
    mode: "group",
    maxAlerts: 0,
    update: true,
    onResolve: "update",
    rateLimit: { burst: 60, refillMs: 5_000 },
    timeoutMs: 0,
    ...rest,
  };
}

/** Sends one notification after the other, each with what the last one left. */
function sender(config: NtfyConfig, context: IntegrationContext = sampleContext()) {
  const integration = new NtfyIntegration(config, context);
  closers.push(() => integration.close());
  let receiverData: Readonly<Record<string, string>> = {};
  return {
    get receiverData() {
      return receiverData;
    },
    send: async (notification: Notification, signal: AbortSignal = FREE): Promise<void> => {
      const result = await integration.send({ ...notification, receiverData }, signal);
      receiverData = result.receiverData ?? receiverData;
    },
  };
}

const DOWN = { alertname: "InstanceDown", instance: "web-1", severity: "critical" };
const firing = sampleNotification({
  alerts: [
    sampleAlert({ labels: DOWN, annotations: { summary: "web-1 is down", runbook_url: "https://wiki.example/down" } }),
  ],
});
const resolved = sampleNotification({
  alerts: [sampleAlert({ labels: DOWN, annotations: { summary: "web-1 is down" }, isResolved: true })],
  reason: "all alerts resolved",
});

describe("ntfy", () => {
  test("ntfy - without a side file a message has all that a phone needs, byte for byte", async () => {
    const ntfy = await server();
    await sender(configOf(`${ntfy.url}/alerts#ntfy`)).send(firing);
    const [request] = ntfy.requests;
    expect([request?.method, request?.path]).toEqual(["POST", "/"]);
    expect(request?.headers).toMatchObject({ "content-type": "application/json", "user-agent": "Alertmanager/0.34.0" });
    const sequence = JSON.parse(request?.body ?? "").sequence_id;
    expect(sequence).toMatch(/^[-_A-Za-z0-9]{20}$/);
    const filter = encodeURIComponent('{alertname="InstanceDown",instance="web-1",severity="critical"}');
    expect(request?.body).toBe(
      `{"topic":"alerts","sequence_id":"${sequence}","title":"[FIRING:1] InstanceDown","message":"web-1 is down",` +
        '"priority":5,"tags":["rotating_light"],"click":"http://prometheus.example/graph?g0.expr=up","actions":[' +
        '{"action":"view","label":"Source","url":"http://prometheus.example/graph?g0.expr=up"},' +
        '{"action":"view","label":"Runbook","url":"https://wiki.example/down"},' +
        `{"action":"view","label":"Silence","url":"http://alertmanager.example/#/silences/new?filter=${filter}"}]}`,
    );
  });

  test("ntfy - resolved replaces the shown message, quietly", async () => {
    const ntfy = await server();
    const sending = sender(configOf(`${ntfy.url}/alerts`));
    await sending.send(firing);
    await sending.send(resolved);
    expect(ntfy.messages()).toHaveLength(2);
    expect(ntfy.shown("alerts")).toMatchObject([
      { title: "[RESOLVED] InstanceDown", priority: 2, tags: ["white_check_mark"], message: "web-1 is down" },
    ]);
    expect(sending.receiverData).toMatchObject({ ntfy_sequences: "yes" });
    expect(ntfy.shown("alerts")[0]?.actions?.map((action) => action["label"])).toEqual(["Source"]);
  });

  test("ntfy - on_resolve clears, deletes, or sends a new message", async () => {
    const f = async (onResolve: NtfyConfig["onResolve"], event: string, shown: number): Promise<void> => {
      const ntfy = await server();
      const sending = sender(configOf(`${ntfy.url}/alerts`, { onResolve }));
      await sending.send(firing);
      await sending.send(resolved);
      expect(ntfy.messages().map((message) => message.event)).toEqual(["message", event]);
      expect(ntfy.shown("alerts")).toHaveLength(shown);
    };
    await f("clear", "message_clear", 0);
    await f("delete", "message_delete", 0);
    await f("new", "message", 2);
  });

  test("ntfy - an old server is found out and gets a second message in place of clearing", async () => {
    const ntfy = await server({ hasSequences: false });
    const sending = sender(configOf(`${ntfy.url}/alerts`, { onResolve: "clear" }));
    await sending.send(firing);
    expect(sending.receiverData).toMatchObject({ ntfy_sequences: "no" });
    await sending.send(resolved);
    expect(ntfy.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /", "POST /"]);
    expect(ntfy.shown("alerts").map((message) => message.title)).toEqual([
      "[FIRING:1] InstanceDown",
      "[RESOLVED] InstanceDown",
    ]);
  });

  test("ntfy - a server that is not known yet and cannot clear gets the message", async () => {
    const ntfy = await server({ hasSequences: false });
    await sender(configOf(`${ntfy.url}/alerts`, { onResolve: "delete" })).send(resolved);
    expect(ntfy.requests.map(({ method }) => method)).toEqual(["DELETE", "POST"]);
    expect(ntfy.shown("alerts")).toHaveLength(1);
  });

  test("ntfy - templates fill the fields, and the topic may depend on labels", async () => {
    const ntfy = await server();
    await sender(
      configOf(`${ntfy.url}/prefix-{{ .alertname }}`, {
        title: "{{ .status }}: {{ .summary }}",
        message: "see {{ .runbook_url }}",
        priority: "high",
        tags: ["skull, {{ .severity }}", "eu"],
        click: "https://status.example/{{ .instance }}",
        icon: "https://example/{{ .severity }}.png",
        markdown: true,
        email: "a@example.org",
        silenceAction: undefined,
        actions: [
          {
            action: "http",
            label: "Restart {{ .instance }}",
            url: "https://ops.example/{{ .instance }}",
            method: "PUT",
            headers: { "x-a": "{{ .severity }}" },
            body: "{}",
            intent: "",
            extras: {},
            value: "",
            clear: true,
          },
          {
            action: "view",
            label: "",
            url: "https://never.example",
            method: "",
            headers: {},
            body: "",
            intent: "",
            extras: {},
            value: "",
            clear: false,
          },
        ],
      }),
    ).send(firing);
    expect(JSON.parse(ntfy.requests[0]?.body ?? "")).toEqual({
      topic: "prefix-InstanceDown",
      sequence_id: expect.any(String),
      title: "firing: web-1 is down",
      message: "see https://wiki.example/down",
      priority: 4,
      tags: ["skull", "critical", "eu"],
      click: "https://status.example/web-1",
      actions: [
        {
          action: "http",
          label: "Restart web-1",
          url: "https://ops.example/web-1",
          method: "PUT",
          headers: { "x-a": "critical" },
          body: "{}",
          clear: true,
        },
      ],
      icon: "https://example/critical.png",
      markdown: true,
      email: "a@example.org",
    });
  });

  test("ntfy - a broken template gives a message that says so", async () => {
    const ntfy = await server();
    const context = sampleContext();
    await sender(configOf(`${ntfy.url}/alerts`, { title: "{{ fail }}", priority: "{{ fail }}" }), context).send(firing);
    expect(ntfy.shown("alerts")).toMatchObject([{ title: "[FIRING:1] InstanceDown", priority: 5 }]);
    expect(ntfy.shown("alerts")[0]?.message).toMatch(/^web-1 is down\n\(.*priority.*\)\n\(.*title.*\)$/);
    expect(context.failures).toEqual(["ntfy", "ntfy"]);
  });

  test("ntfy - credentials of the side file, read at each use", async () => {
    await using folder = await createTemporaryFolderWith("token", "tk_first\n");
    const ntfy = await server({ token: "tk_second", user: { name: "bot", password: "pässword" } });
    const byFile = sender(configOf(`${ntfy.url}/alerts`, { tokenFile: join(folder.path, "token") }));
    await expect(byFile.send(firing)).rejects.toMatchObject({ isRetryable: false, reason: "authError" });
    await writeFile(join(folder.path, "token"), "tk_second\n");
    await byFile.send(firing);
    await sender(configOf(`${ntfy.url}/alerts`, { username: "bot", password: new Secret("pässword") })).send(firing);
    const inAddress = ntfy.url.replace("http://", "http://bot:p%C3%A4ssword@");
    await sender(configOf(`${inAddress}/alerts`)).send(firing);
    expect(ntfy.messages()).toHaveLength(3);
    await expect(sender(configOf(`${ntfy.url}/alerts`)).send(firing)).rejects.toMatchObject({ reason: "authError" });
  });

  test("ntfy - a token that no header can hold is refused without being shown", async () => {
    const ntfy = await server();
    const sending = sender(configOf(`${ntfy.url}/alerts`, { token: new Secret("tk_hidden\nsecret") }));
    const error = await sending.send(firing).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ isRetryable: false, reason: "clientError" });
    expect(String(error)).not.toContain("hidden");
    expect(ntfy.requests).toHaveLength(0);
  });

  test("ntfy - a group too large for one message says how many more there are", async () => {
    const ntfy = await server({ hasAttachments: false });
    const alerts = Array.from({ length: 200 }, (_, i) =>
      sampleAlert({ labels: { ...DOWN, instance: `web-${i}` }, annotations: { summary: `🔥 web-${i} is "down"` } }),
    );
    await sender(configOf(`${ntfy.url}/alerts`)).send(sampleNotification({ alerts }));
    const [message] = ntfy.shown("alerts");
    expect(message?.title).toBe("[FIRING:200] InstanceDown");
    expect(Buffer.byteLength(message?.message ?? "")).toBeLessThanOrEqual(4096);
    const lines = message?.message?.split("\n") ?? [];
    expect(lines.at(-1)).toBe(`+${200 - lines.length + 1} more`);
    expect(lines.at(-2)).toMatch(/ is "down"$/);
  });

  test("ntfy - a server with tighter bounds gets a shorter message, and remembered are its bounds", async () => {
    const ntfy = await server({ hasAttachments: false, messageLimitBytes: 1024 });
    const alert = sampleAlert({ labels: DOWN, annotations: { summary: "x".repeat(5000) } });
    const sending = sender(configOf(`${ntfy.url}/alerts`));
    await sending.send(sampleNotification({ alerts: [alert] }));
    expect(ntfy.requests).toHaveLength(3);
    expect(ntfy.shown("alerts")[0]?.message).toMatch(/^x+…$/);
    await sending.send(sampleNotification({ alerts: [alert] }));
    expect(ntfy.requests).toHaveLength(4);
  });

  test("ntfy - 413 of a proxy is answered by a shorter message, in the end it is final", async () => {
    const ntfy = await server();
    ntfy.answerNext({ status: 413, body: "<html>too large</html>" });
    await sender(configOf(`${ntfy.url}/alerts`)).send(firing);
    expect(ntfy.messages()).toHaveLength(1);
    for (let i = 0; i < 3; i++) ntfy.answerNext({ status: 413, body: "too large" });
    await expect(sender(configOf(`${ntfy.url}/alerts`)).send(firing)).rejects.toMatchObject({
      isRetryable: false,
      reason: "clientError",
    });
  });

  test("ntfy - answers decide whether another try makes sense, and no error shows a secret", async () => {
    const ntfy = await server();
    const f = async (status: number, body: string, expected: object): Promise<void> => {
      ntfy.answerNext({ status, body });
      const sending = sender(configOf(`${ntfy.url}/alerts`, { token: new Secret("tk_hidden-secret") }));
      const error = await sending.send(firing).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject(expected);
      expect(String(error)).not.toContain("tk_hidden-secret");
    };
    const json = (code: number): string => JSON.stringify({ code, http: 400, error: "tk_hidden-secret is wrong" });
    await f(400, json(40009), { isRetryable: false, reason: "clientError", message: expect.stringContaining("40009") });
    await f(401, json(40101), { isRetryable: false, reason: "authError" });
    await f(403, "", { isRetryable: false, reason: "authError" });
    await f(500, json(50001), { isRetryable: true, reason: "serverError" });
    await f(502, "<html>", { isRetryable: true, reason: "serverError" });
    await f(429, json(42901), { isRetryable: true, reason: "rateLimited", retryAfterMs: 5_000 });
    await f(429, json(42908), { isRetryable: false, reason: "rateLimited" });
    await f(302, "", { isRetryable: false });
  });

  test("ntfy - a page in place of an answer is no success", async () => {
    const ntfy = await server();
    ntfy.answerNext({ status: 301, headers: { location: "/" } });
    ntfy.answerNext({ status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: "<html>" });
    const error = sender(configOf(`${ntfy.url}/alerts`)).send(firing);
    await expect(error).rejects.toMatchObject({ isRetryable: false, reason: "clientError" });
    expect(ntfy.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
  });

  test("ntfy - a server that is not there may come back", async () => {
    const ntfy = await startNtfyServer();
    await ntfy.close();
    const error = sender(configOf(`${ntfy.url}/secret-topic`)).send(firing);
    await expect(error).rejects.toMatchObject({ isRetryable: true, reason: "other" });
    await expect(error).rejects.not.toThrow("secret-topic");
  });

  test("ntfy - a server that hangs ends with the signal or the timeout", async () => {
    const ntfy = await server();
    ntfy.answerNext({ status: 200, delayMs: 60_000 });
    const impatient = sender(configOf(`${ntfy.url}/alerts`, { timeoutMs: 50 }));
    await expect(impatient.send(firing)).rejects.toMatchObject({
      isRetryable: true,
      reason: "contextDeadlineExceeded",
    });
    ntfy.answerNext({ status: 200, delayMs: 60_000 });
    const controller = new AbortController();
    const sending = sender(configOf(`${ntfy.url}/alerts`)).send(firing, controller.signal);
    setTimeout(() => controller.abort(), 20);
    await expect(sending).rejects.toMatchObject({ isRetryable: true, reason: "contextCanceled" });
  });

  test("ntfy - after 429 nothing is sent to that server until it may", async () => {
    const ntfy = await server({ burst: 1, refillMs: 3_600_000 });
    let nowMs = Date.now();
    const clock = { now: () => nowMs };
    const servers = new NtfyServers(clock);
    const context = { ...sampleContext(), ...clock, ntfy: { servers } };
    const one = sender(configOf(`${ntfy.url}/one`), context);
    const two = sender(configOf(`${ntfy.url}/two`), context);
    await one.send(firing);
    await expect(two.send(firing)).rejects.toMatchObject({ reason: "rateLimited", isRetryable: true });
    expect(ntfy.requests).toHaveLength(2);
    nowMs -= 100_000;
    await expect(one.send(firing)).rejects.toMatchObject({ reason: "rateLimited", isRetryable: true });
    expect(ntfy.requests).toHaveLength(2);
    nowMs += 200_000;
    await expect(one.send(firing)).rejects.toMatchObject({ reason: "rateLimited", isRetryable: true });
    expect(ntfy.requests).toHaveLength(3);
  });

  test("ntfy - a spent day quota ends tries until midnight UTC", async () => {
    const ntfy = await server({ dailyMessages: 0 });
    const nowMs = Date.UTC(2026, 0, 2, 23, 0, 0);
    const sending = sender(configOf(`${ntfy.url}/alerts`), sampleContext({ now: () => nowMs }));
    const spent = { isRetryable: false, reason: "rateLimited", retryAfterMs: 3_600_000 };
    await expect(sending.send(firing)).rejects.toMatchObject(spent);
    await expect(sending.send(firing)).rejects.toMatchObject(spent);
    expect(ntfy.requests).toHaveLength(1);
  });
});

describe("ntfy, one message an alert", () => {
  const labelsOf = (instance: string): Record<string, string> => ({ ...DOWN, instance });
  const group = (instances: readonly string[], over: readonly string[] = [], reason = "new alerts added") =>
    sampleNotification({
      reason,
      alerts: [
        ...instances.map((name) => sampleAlert({ labels: labelsOf(name) })),
        ...over.map((name) => sampleAlert({ labels: labelsOf(name), isResolved: true })),
      ],
    });

  test("ntfy - each alert has its message, which its own end replaces", async () => {
    const ntfy = await server();
    const sending = sender(configOf(`${ntfy.url}/alerts`, { mode: "alert" }));
    await sending.send(group(["a", "b"]));
    await sending.send(group(["a", "b", "c"]));
    await sending.send(group(["a", "c"], ["b"]));
    expect(ntfy.messages()).toHaveLength(4);
    const shown = ntfy.shown("alerts").map(({ title, message }) => `${title} ${message}`);
    expect(shown).toHaveLength(3);
    expect(shown.filter((text) => text.startsWith("[RESOLVED]") && text.includes("instance=b"))).toHaveLength(1);
    await sending.send(group(["a", "c"], [], "repeat interval elapsed"));
    expect(ntfy.messages()).toHaveLength(6);
  });

  test("ntfy - too many alerts: the rest is one message, which ends with its last alert", async () => {
    const ntfy = await server();
    const sending = sender(configOf(`${ntfy.url}/alerts`, { mode: "alert", maxAlerts: 2, onResolve: "clear" }));
    await sending.send(group(["a", "b", "c", "d"]));
    expect(ntfy.shown("alerts").map((message) => message.title)).toEqual([
      "[FIRING:1] InstanceDown",
      "[FIRING:3] InstanceDown",
    ]);
    await sending.send(group(["a", "c", "d"], ["b"]));
    expect(ntfy.shown("alerts").map((message) => message.title)).toEqual([
      "[FIRING:1] InstanceDown",
      "[FIRING:2] InstanceDown",
    ]);
    await sending.send(group([], ["a", "c", "d"]));
    expect(ntfy.shown("alerts")).toEqual([]);
  });

  test("ntfy - another try of a delivery sends only what is missing", async () => {
    const ntfy = await server();
    const sending = sender(configOf(`${ntfy.url}/alerts`, { mode: "alert" }));
    ntfy.answerNext({ status: 200, body: "{}" });
    ntfy.answerNext({ status: 503 });
    const notification = group(["a", "b", "c"]);
    await expect(sending.send(notification)).rejects.toMatchObject({ isRetryable: true });
    await sending.send(notification);
    expect(ntfy.requests).toHaveLength(4);
  });
});

describe("ntfy in alertmanager.yml", () => {
  /** A standard file, the side file and a user's templates, as they are on disk. */
  async function sendAs(url: string, sideFile: string | undefined, files: TemplateFile[] = []): Promise<void> {
    const text = `route: {receiver: phone}\nreceivers: [{name: phone, webhook_configs: [{url: '${url}'}]}]\n`;
    const ntfy = sideFile === undefined ? {} : { ntfy: { text: sideFile, fileName: "ntfy.yml", folder: "/" } };
    const config = parseAlertmanagerConfig({ text, fileName: "alertmanager.yml", folder: "/" }, ntfy);
    const templates = createNotificationTemplates(files, { now: Date.now });
    const [entry] = config.receivers.flatMap((receiver) => createIntegrations(receiver, sampleContext({ templates })));
    if (entry === undefined) throw new Error("no integration");
    closers.push(() => entry.integration.close());
    expect([entry.name, entry.index, entry.sendResolved]).toEqual(["ntfy", 0, true]);
    await entry.integration.send(firing, FREE);
  }

  test("ntfy - the fragment alone is enough", async () => {
    const ntfy = await server();
    await sendAs(`${ntfy.url}/alerts#ntfy`, undefined);
    expect(ntfy.shown("alerts")).toMatchObject([
      { title: "[FIRING:1] InstanceDown", message: "web-1 is down", priority: 5, tags: ["rotating_light"] },
    ]);
    expect(ntfy.shown("alerts")[0]?.actions?.map((action) => action["label"])).toEqual([
      "Source",
      "Runbook",
      "Silence",
    ]);
  });

  test("ntfy - the side file and templates by name change what they name", async () => {
    const ntfy = await server({ token: "tk_side" });
    const sideFile = [
      "defaults: {token: tk_side, silence_action: {enabled: false}}",
      "receivers:",
      "  phone:",
      "    topic: 'team-{{ .CommonLabels.severity }}'",
      "    message: '{{ range .Alerts }}{{ .Labels.instance }}{{ end }}'",
      "    tags: ['fire', '{{ template \"ntfy.default.tags\" . }}']",
      "    actions: [{action: view, label: Wiki, url: '{{ .CommonAnnotations.runbook_url }}'}]",
    ].join("\n");
    const text = '{{ define "ntfy.default.title" }}{{ .Status | toUpper }} {{ .GroupLabels.alertname }}{{ end }}';
    await sendAs(`${ntfy.url}/alerts#ntfy`, sideFile, [{ name: "own.tmpl", text }]);
    expect(ntfy.shown("team-critical")).toMatchObject([
      {
        title: "FIRING InstanceDown",
        message: "web-1",
        priority: 5,
        tags: ["fire", "rotating_light"],
        actions: [{ action: "view", label: "Wiki", url: "https://wiki.example/down" }],
      },
    ]);
  });

  test("ntfy - alerts of a template are left out whole where it puts a separator between them", async () => {
    const ntfy = await server({ hasAttachments: false });
    const text =
      '{{ define "ntfy.default.message" }}{{ range .Alerts }}{{ .Labels.big }}{{ "\\u001e" }}{{ end }}{{ end }}';
    const alerts = ["a", "b", "c"].map((name) => sampleAlert({ labels: { ...DOWN, big: name.repeat(2000) } }));
    const templates = createNotificationTemplates([{ name: "own.tmpl", text }], { now: Date.now });
    await sender(configOf(`${ntfy.url}/alerts`), sampleContext({ templates })).send(sampleNotification({ alerts }));
    expect(ntfy.shown("alerts")[0]?.message).toBe(`${"a".repeat(2000)}\n${"b".repeat(2000)}\n+1 more`);
  });
});

describe("ntfy silence buttons", () => {
  test("ntfy - a token silences at once, its failure falls back to the form", async () => {
    const ntfy = await server();
    const asked: unknown[] = [];
    let isBroken = false;
    const context = sampleContext({
      ntfy: {
        servers: new NtfyServers({ now: Date.now }),
        createSilenceToken: async (request) => {
          asked.push(request);
          if (isBroken) throw new Error("no tokens");
          return { url: "http://am.example/silence/t0k3n" };
        },
      },
    });
    const silenceAction = { durationsMs: [3_600_000, 14_400_000], mode: "http" as const };
    const sending = sender(configOf(`${ntfy.url}/alerts`, { silenceAction }), context);
    await sending.send(firing);
    expect(asked).toEqual([
      { labels: DOWN, durationMs: 3_600_000 },
      { labels: DOWN, durationMs: 14_400_000 },
    ]);
    const silence = { action: "http", method: "POST", url: "http://am.example/silence/t0k3n", clear: true };
    expect(ntfy.shown("alerts")[0]?.actions).toEqual([
      { action: "view", label: "Source", url: "http://prometheus.example/graph?g0.expr=up" },
      { ...silence, label: "Silence 1h" },
      { ...silence, label: "Silence 4h" },
    ]);
    isBroken = true;
    await sending.send(firing);
    expect(ntfy.shown("alerts")[0]?.actions?.[1]).toMatchObject({ action: "view", label: "Silence 1h" });
    await sending.send(resolved);
    expect(asked).toHaveLength(4);
  });
});

async function createTemporaryFolderWith(name: string, text: string): Promise<{ path: string } & AsyncDisposable> {
  const folder = await createTemporaryFolder("ntfy");
  await writeFile(join(folder.path, name), text);
  return { path: folder.path, [Symbol.asyncDispose]: async () => folder.remove() };
}
