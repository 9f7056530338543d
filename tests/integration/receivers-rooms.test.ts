import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { failureOf, FIRING, notificationOf, type ReceiverUnderTest, receiverOf, RESOLVED } from "./receivers-config.ts";
import { LocalService } from "./receivers-service.ts";

let service: LocalService;
const opened: ReceiverUnderTest[] = [];

beforeEach(async () => {
  service = await LocalService.start();
});

afterEach(async () => {
  for (const receiver of opened.splice(0)) receiver.close();
  await service.close();
});

function open(yaml: string): ReceiverUnderTest {
  const receiver = receiverOf(yaml);
  opened.push(receiver);
  return receiver;
}

const resolved = notificationOf({ alerts: [RESOLVED] });
const long = notificationOf({ alerts: [{ ...FIRING, annotations: { summary: "ü".repeat(40_000) } }] });

describe("msteamsv2", () => {
  const teams = (fields = ""): ReceiverUnderTest =>
    open(`msteamsv2_configs:\n- webhook_url: ${service.url}/workflows/s3cr3t-path?sig=s3cr3t-sig\n${fields}`);

  test("msteamsv2 - posts an adaptive card, byte for byte", async () => {
    await teams("  title: '{{ .Status }}'\n  text: '{{ .CommonAnnotations.summary }}'").send();
    expect(service.request.path).toBe("/workflows/s3cr3t-path?sig=s3cr3t-sig");
    expect(service.request.headers["content-type"]).toBe("application/json");
    expect(service.request.body).toBe(
      '{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{' +
        '"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.2","body":[' +
        '{"type":"TextBlock","text":"firing","weight":"Bolder","size":"Medium","wrap":true,"style":"heading","color":"Attention"},' +
        '{"type":"TextBlock","text":"load \\u003e 9 \\u0026 rising","wrap":true}],"msteams":{"width":"full"}}}]}\n',
    );
  });

  test("msteamsv2 - a resolved group is good, a long text stays within 28 KB", async () => {
    await teams().send(resolved);
    await teams().send(long);
    const [good] = service.requests.map(({ body }) => JSON.parse(body).attachments[0].content.body[0]);
    expect(good).toMatchObject({ color: "Good", text: "[RESOLVED] HighLoad (web-2)" });
    expect(Buffer.byteLength(service.requests[1]?.body ?? "")).toBeLessThanOrEqual(28 * 1024);
  });

  test("msteamsv2 - an error shows nothing of the address", async () => {
    service.replies = [{ status: 400, body: "no workflow /workflows/s3cr3t-path with s3cr3t-sig" }];
    const error = await failureOf(teams().send());
    expect(error).toMatchObject({ isRetryable: false, reason: "clientError" });
    expect(error.message).not.toMatch(/s3cr3t/);
  });
});

describe("msteams", () => {
  test("msteams - posts a message card, byte for byte", async () => {
    const fields = "  title: t\n  summary: s\n  text: '{{ .Status }}'";
    const receiver = open(`msteams_configs:\n- webhook_url: ${service.url}/hook\n${fields}`);
    await receiver.send();
    await receiver.send(resolved);
    expect(service.requests.map(({ body }) => body)).toEqual([
      '{"@context":"http://schema.org/extensions","type":"MessageCard","title":"t","summary":"s","text":"firing","themeColor":"8C1A1A"}\n',
      '{"@context":"http://schema.org/extensions","type":"MessageCard","title":"t","summary":"s","text":"resolved","themeColor":"2DC72D"}\n',
    ]);
  });
});

describe("mattermost", () => {
  const mattermost = (fields = ""): ReceiverUnderTest =>
    open(`mattermost_configs:\n- webhook_url: ${service.url}/hooks/s3cr3t-hook\n${fields}`);

  test("mattermost - posts one attachment, byte for byte", async () => {
    await mattermost(
      [
        "  channel: ops",
        "  username: am",
        "  icon_emoji: fire",
        "  title: t",
        "  title_link: http://l",
        "  text: '{{ .Status }}'",
        "  fallback: f",
        "  color: '#f00'",
        "  fields: [{title: a, value: '{{ .Status }}', short: true}, {title: b, value: c}]",
        "  props: {card: '{{ .Status }}'}",
        "  priority: {priority: Urgent, requested_ack: true, persistent_notifications: true}",
      ].join("\n"),
    ).send();
    expect(service.request.body).toBe(
      '{"channel":"ops","username":"am","icon_emoji":"fire","attachments":[{"fallback":"f","color":"#f00","text":"firing",' +
        '"title":"t","title_link":"http://l","fields":[{"title":"a","value":"firing","short":true},{"title":"b","value":"c"}]}],' +
        '"props":{"card":"firing"},"priority":{"priority":"urgent","requested_ack":true,"persistent_notifications":true}}\n',
    );
  });

  test("mattermost - the deprecated attachments go with the text above them", async () => {
    await mattermost("  text: above\n  username: am\n  attachments: [{text: one, color: red}, {text: two}]").send();
    expect(service.request.body).toBe(
      '{"text":"above","username":"am","attachments":[{"color":"red","text":"one"},{"text":"two"}]}\n',
    );
  });

  test("mattermost - a priority is one of three, and what goes with it", async () => {
    const f = async (priority: string, expected: object): Promise<void> => {
      service.requests.length = 0;
      const both = "requested_ack: true, persistent_notifications: true";
      await mattermost(`  priority: {priority: '${priority}', ${both}}`).send();
      expect(JSON.parse(service.request.body).priority).toEqual(expected);
    };
    await f("important", { priority: "important", requested_ack: true });
    await f("standard", { priority: "standard" });
    await f("sky-high", { priority: "standard" });
  });

  test("mattermost - a long text is cut, resolved is good", async () => {
    await mattermost().send(long);
    await mattermost().send(resolved);
    const [cut, good] = service.requests.map(({ body }) => JSON.parse(body).attachments[0]);
    expect([...cut.text]).toHaveLength(16_383);
    expect(good.color).toBe("good");
  });
});

describe("rocketchat", () => {
  beforeEach(() => {
    service.replies = [{ body: '{"success":true}' }];
  });
  const rocketchat = (fields = ""): ReceiverUnderTest =>
    open(`rocketchat_configs:\n- api_url: ${service.url}\n  token_id: user-id-1\n  token: s3cr3t-token\n${fields}`);

  test("rocketchat - posts a message, byte for byte", async () => {
    await rocketchat(
      [
        "  channel: '#ops'",
        "  title: t",
        "  text: '{{ .Status }}'",
        "  short_fields: true",
        "  fields: [{title: a, value: b}, {title: c, value: d, short: false}]",
        "  actions: [{text: Go, url: 'http://x/{{ .Status }}'}, {text: Say, msg: hi}]",
      ].join("\n"),
    ).send();
    const { path, headers, body } = service.request;
    expect(path).toBe("/api/v1/chat.postMessage");
    expect(headers).toMatchObject({ "x-auth-token": "s3cr3t-token", "x-user-id": "user-id-1" });
    expect(body).toBe(
      '{"channel":"#ops","attachments":[{"title":"t","title_link":"http://am.example/#/alerts?receiver=team","text":"firing",' +
        '"color":"red","fields":[{"short":true,"title":"a","value":"b"},{"short":false,"title":"c","value":"d"}],"actions":[' +
        '{"type":"button","text":"Go","url":"http://x/firing","is_webview":false,"msg_in_chat_window":false},' +
        '{"type":"button","text":"Say","is_webview":false,"msg":"hi","msg_in_chat_window":false}]}]}\n',
    );
  });

  test("rocketchat - a refusal with status 200 is final, another answer is not", async () => {
    service.replies = [{ body: '{"success":false,"error":"no s3cr3t-token"}' }, { body: "<html>" }, { status: 500 }];
    const receiver = rocketchat();
    const error = await failureOf(receiver.send());
    expect(error).toMatchObject({ isRetryable: false, reason: "clientError" });
    expect(error.message).toContain("no ");
    expect(error.message).not.toContain("s3cr3t");
    expect(await failureOf(receiver.send())).toMatchObject({ isRetryable: true });
    expect(await failureOf(receiver.send())).toMatchObject({ isRetryable: true, reason: "serverError" });
  });

  test("rocketchat - resolved is green, the title has its bound, and resolved alerts are asked for", async () => {
    const receiver = rocketchat("  title: '{{ reReplaceAll `^.*$` `x` .Status }}'\n  send_resolved: true");
    await receiver.send(resolved);
    expect(JSON.parse(service.request.body).attachments[0].color).toBe("green");
    expect(receiver.integrations[0]?.sendResolved).toBe(true);
    expect(rocketchat().integrations[0]?.sendResolved).toBe(false);
    const labels = { alertname: "HighLoad", path: "x".repeat(2000) };
    await rocketchat().send(notificationOf({ alerts: [{ ...FIRING, labels }] }));
    expect(JSON.parse(service.requests[1]?.body ?? "").attachments[0].title).toHaveLength(1024);
  });
});

describe("webex", () => {
  const webex = (fields = ""): ReceiverUnderTest =>
    open(
      `webex_configs:\n- api_url: ${service.url}/v1/messages\n  room_id: 'room {{ .Status }}'\n` +
        `  http_config: {authorization: {credentials: s3cr3t-bot}}\n${fields}`,
    );

  test("webex - posts markdown, byte for byte", async () => {
    await webex("  message: '**{{ .Status }}**'").send();
    expect(service.request.path).toBe("/v1/messages");
    expect(service.request.headers.authorization).toBe("Bearer s3cr3t-bot");
    expect(service.request.body).toBe('{"markdown":"**firing**","roomId":"room firing"}\n');
  });

  test("webex - a long message has at most 7439 bytes of whole characters", async () => {
    await webex().send(long);
    const { markdown } = JSON.parse(service.request.body);
    expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(7439);
    expect(Buffer.byteLength(markdown)).toBeGreaterThan(7430);
    expect(markdown).toMatch(/ü…$/);
  });

  test("webex - a broken template says so in the message", async () => {
    const receiver = webex("  message: '{{ .Nothing.more }}'");
    await receiver.send();
    expect(JSON.parse(service.request.body).markdown).toMatch(/^\[FIRING:1\] HighLoad .*\n.*template of message/);
    expect(receiver.templateFailures).toEqual(["webex"]);
  });
});
