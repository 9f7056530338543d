import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failureOf, notificationOf, type ReceiverUnderTest, receiverOf, RESOLVED } from "./receivers-config.ts";
import { LocalService, type ServiceReply } from "./receivers-service.ts";

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

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

function json(value: unknown, status = 200): ServiceReply {
  return { status, headers: JSON_TYPE, body: JSON.stringify(value) };
}

function sentBody(index = 0): unknown {
  return JSON.parse(service.requests[index]?.body ?? "null");
}

const TITLE = "[FIRING:1] HighLoad (web-1)";
const LINK = "http://am.example/#/alerts?receiver=team";

describe("slack", () => {
  beforeEach(() => {
    service.replies = [{ headers: { "content-type": "text/html" }, body: "ok" }];
  });
  const webhook = (fields = ""): ReceiverUnderTest =>
    open(`slack_configs:\n- api_url: ${service.url}/services/T0/B0/s3cr3t-token\n  channel: '#ops'\n${fields}`);

  test("slack - posts the default message byte for byte", async () => {
    await webhook().send();
    expect(service.request.path).toBe("/services/T0/B0/s3cr3t-token");
    expect(service.request.body).toBe(
      `{"channel":"#ops","username":"Alertmanager","attachments":[{"title":"${TITLE}","title_link":"${LINK}","text":"",` +
        `"fallback":"${TITLE} | ${LINK}","callback_id":"","footer":"","color":"danger",` +
        `"mrkdwn_in":["fallback","pretext","text"]}]}\n`,
    );
  });

  test("slack - a resolved group is good", async () => {
    await webhook().send(notificationOf({ alerts: [RESOLVED] }));
    expect(sentBody()).toMatchObject({ attachments: [{ color: "good", title: "[RESOLVED] HighLoad (web-2)" }] });
  });

  test("slack - fields, actions and the rest, templates expanded", async () => {
    const fields = [
      "  icon_emoji: ':fire:'",
      "  link_names: true",
      "  message_text: 'for {{ .Receiver }}'",
      "  mrkdwn_in: [text]",
      "  short_fields: true",
      "  fields: [{title: Severity, value: '{{ .Status }}', short: false}, {title: a, value: b}]",
      "  actions:",
      "  - {type: button, text: Look, url: 'http://x/{{ .Status }}', style: danger}",
      "  - {type: button, text: Ack, name: ack, value: '1', confirm: {text: Sure?, ok_text: Yes}}",
    ];
    await webhook(fields.join("\n")).send();
    expect(service.request.body).toContain(
      '"icon_emoji":":fire:","link_names":true,"text":"for team","attachments":[{',
    );
    expect(service.request.body).toContain(
      '"fields":[{"title":"Severity","value":"firing","short":false},{"title":"a","value":"b","short":true}],' +
        '"actions":[{"type":"button","text":"Look","url":"http://x/firing","style":"danger"},' +
        '{"type":"button","text":"Ack","name":"ack","value":"1","confirm":{"text":"Sure?","ok_text":"Yes"}}],',
    );
    expect(service.request.body).toContain('"mrkdwn_in":["text"]');
  });

  test("slack - a title of more than 1024 characters is cut", async () => {
    await webhook("  title: '{{ range .Alerts }}{{ printf \"%2000s\" .Labels.instance }}{{ end }}'").send();
    const body = JSON.parse(service.request.body);
    expect(Array.from(body.attachments[0].title as string).length).toBe(1024);
    expect(body.attachments[0].title.endsWith(" …")).toBe(true);
  });

  test("slack - a broken template is told in the message", async () => {
    const receiver = webhook(
      "  text: '{{ .Nonsense }}'\n  color: '{{ fail }}'".replace("{{ fail }}", "{{ .Nonsense }}"),
    );
    await receiver.send();
    const [attachment] = JSON.parse(service.request.body).attachments;
    expect(attachment.text).toContain("the template of text cannot be expanded: template: :1:3: executing");
    expect(attachment.text).toContain("firing: alertname=HighLoad, instance=web-1");
    expect(attachment.text).toContain("the template of color cannot be expanded: ");
    expect(receiver.templateFailures).toEqual(["slack", "slack"]);
  });

  test.each<[string, ServiceReply, boolean, string, string]>([
    [
      "a webhook's error text",
      { body: "invalid_token" },
      false,
      "clientError",
      "error response from Slack: invalid_token",
    ],
    [
      "ok: false",
      json({ ok: false, error: "channel_is_archived" }),
      false,
      "clientError",
      "error response from Slack: channel_is_archived",
    ],
    [
      "a rate limit in the answer",
      json({ ok: false, error: "ratelimited" }),
      true,
      "rateLimited",
      "error response from Slack: ratelimited",
    ],
    ["JSON that is none", { headers: JSON_TYPE, body: "<html>" }, true, "other", "Slack's answer is no JSON"],
    ["404", { status: 404, body: "no_service" }, false, "clientError", "unexpected status code 404: no_service"],
    [
      "429",
      { status: 429, headers: { "retry-after": "30" }, body: "" },
      true,
      "rateLimited",
      "unexpected status code 429",
    ],
  ])("slack - %s", async (_name, reply, isRetryable, reason, message) => {
    service.replies = [reply];
    const failure = await failureOf(webhook().send());
    expect([failure.isRetryable, failure.reason, failure.message]).toEqual([isRetryable, reason, message]);
  });

  const app = (): ReceiverUnderTest =>
    open(
      `slack_configs:\n- app_token: xoxb-s3cr3t\n  app_url: ${service.url}/api/chat.postMessage\n  channel: '#ops'\n  update_message: true`,
    );

  test("slack - an app's message is changed by the next one, until all is resolved", async () => {
    service.replies = [json({ ok: true, ts: "17.42", channel: "C01" })];
    const receiver = app();
    const { receiverData } = await receiver.send();
    expect(receiverData).toEqual({ threadTs: "17.42", channelId: "C01" });
    const last = await receiver.send(notificationOf({ alerts: [RESOLVED], receiverData: receiverData ?? {} }));
    expect(last.receiverData).toEqual({});
    expect(service.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ["/api/chat.postMessage", "Bearer xoxb-s3cr3t"],
      ["/api/chat.update", "Bearer xoxb-s3cr3t"],
    ]);
    expect(service.requests[1]?.body.startsWith('{"channel":"C01","ts":"17.42","username":')).toBe(true);
  });

  test("slack - a message that is gone is sent anew", async () => {
    service.replies = [json({ ok: false, error: "message_not_found" }), json({ ok: true, ts: "18.1", channel: "C01" })];
    const shown = notificationOf({ receiverData: { threadTs: "17.42", channelId: "C01" } });
    expect((await app().send(shown)).receiverData).toEqual({ threadTs: "18.1", channelId: "C01" });
    expect(service.requests.map(({ path }) => path)).toEqual(["/api/chat.update", "/api/chat.postMessage"]);
    expect(sentBody(1)).toMatchObject({ channel: "#ops" });
  });
});

describe("discord", () => {
  const discord = (fields = ""): ReceiverUnderTest =>
    open(`discord_configs:\n- webhook_url: ${service.url}/api/webhooks/1/s3cr3t-token\n${fields}`);

  test("discord - posts an embed byte for byte", async () => {
    service.replies = [{ status: 204 }];
    await discord("  message: 'down'\n  content: '@here'\n  username: bot\n  avatar_url: http://x/a.png").send();
    expect(service.request.body).toBe(
      `{"content":"@here","embeds":[{"title":"${TITLE}","description":"down","color":10038562}],` +
        `"username":"bot","avatar_url":"http://x/a.png"}\n`,
    );
  });

  test("discord - resolved is green, and a bad avatar is left out", async () => {
    await discord("  avatar_url: nonsense").send(notificationOf({ alerts: [RESOLVED] }));
    expect(sentBody()).toMatchObject({ embeds: [{ color: 3066993 }] });
    expect(service.request.body).not.toContain("avatar_url");
  });

  test("discord - texts are cut at the limits", async () => {
    const long = (width: number): string => `'{{ printf "%${width}s" .Status }}'`;
    await discord(`  title: ${long(300)}\n  message: ${long(5000)}\n  content: ${long(3000)}`).send();
    const { content, embeds } = JSON.parse(service.request.body);
    expect([content, embeds[0].title, embeds[0].description].map((text: string) => Array.from(text).length)).toEqual([
      2000, 256, 4096,
    ]);
  });

  test("discord - 429 says when to come back", async () => {
    service.replies = [{ status: 429, headers: { "retry-after": "1.5" }, body: '{"message": "limited"}' }];
    const failure = await failureOf(discord().send());
    expect([failure.isRetryable, failure.reason, failure.retryAfterMs]).toEqual([true, "rateLimited", 1500]);
  });
});

describe("telegram", () => {
  const OK = json({ ok: true, result: { message_id: 7 } });
  const telegram = (fields = ""): ReceiverUnderTest =>
    open(
      `telegram_configs:\n- bot_token: 1234:s3cr3t\n  api_url: ${service.url}\n  chat_id: -1001234567890123\n${fields}`,
    );

  beforeEach(() => {
    service.replies = [OK];
  });

  test("telegram - sends a message byte for byte", async () => {
    await telegram(
      "  message: '<b>{{ .Status }}</b> {{ .CommonAnnotations.summary }}'\n  message_thread_id: 9\n  disable_notifications: true",
    ).send();
    expect([service.request.method, service.request.path]).toEqual(["POST", "/bot1234:s3cr3t/sendMessage"]);
    expect(service.request.body).toBe(
      String.raw`{"chat_id":-1001234567890123,"text":"\u003cb\u003efiring\u003c/b\u003e load \u0026gt; 9 \u0026amp; rising",` +
        `"parse_mode":"HTML","disable_web_page_preview":true,"disable_notification":true,"message_thread_id":9}\n`,
    );
  });

  test("telegram - text without a parse mode is not escaped", async () => {
    await telegram("  message: '{{ .CommonAnnotations.summary }}'\n  parse_mode: ''").send();
    expect(sentBody()).toEqual({
      chat_id: -1001234567890123,
      text: "load > 9 & rising",
      disable_web_page_preview: true,
    });
  });

  test("telegram - text is cut at 4096 characters, HTML replaced", async () => {
    const long = `'{{ printf "%5000s" .Status }}'`;
    await telegram(`  message: ${long}\n  parse_mode: ''`).send();
    await telegram(`  message: ${long}`).send();
    const [plain, html] = service.requests.map(({ body }) => JSON.parse(body).text as string);
    expect(Array.from(plain ?? "").length).toBe(4096);
    expect(html).toContain("The message is longer than Telegram allows.");
    expect(html).toContain("firing: alertname=HighLoad, instance=web-1");
  });

  test("telegram - markup that Telegram refuses goes out again as plain text", async () => {
    service.replies = [json({ ok: false, error_code: 400, description: "Bad Request: can't parse entities" }, 400), OK];
    await telegram("  message: '*a'\n  parse_mode: MarkdownV2").send();
    expect(service.requests.length).toBe(2);
    expect(sentBody(1)).toEqual({
      chat_id: -1001234567890123,
      text: `${TITLE}\nTelegram refused the message: Bad Request: can't parse entities\nfiring: alertname=HighLoad, instance=web-1`,
      disable_web_page_preview: true,
    });
  });

  test.each<[string, ServiceReply, string, number | undefined]>([
    ["401", json({ ok: false, description: "Unauthorized" }, 401), "authError", undefined],
    [
      "429",
      json({ ok: false, description: "Too Many Requests", parameters: { retry_after: 5 } }, 429),
      "rateLimited",
      5000,
    ],
    ["500", { status: 500, body: "/bot1234:s3cr3t/" }, "serverError", undefined],
  ])("telegram - %s may be tried again", async (_name, reply, reason, retryAfterMs) => {
    service.replies = [reply];
    const failure = await failureOf(telegram().send());
    expect([failure.isRetryable, failure.reason, failure.retryAfterMs]).toEqual([true, reason, retryAfterMs]);
    expect(failure.message).not.toContain("s3cr3t");
  });
});

test("all kinds - a receiver's entries are counted by kind", () => {
  const receiver = open(
    `webhook_configs: [{url: 'http://a'}, {url: 'http://b', send_resolved: false}]\ndiscord_configs: [{webhook_url: 'http://c'}]`,
  );
  expect(receiver.integrations.map(({ name, index, sendResolved }) => [name, index, sendResolved])).toEqual([
    ["webhook", 0, true],
    ["webhook", 1, false],
    ["discord", 0, true],
  ]);
});
