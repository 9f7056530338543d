import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  failureOf,
  GROUP_HASH,
  notificationOf,
  type ReceiverUnderTest,
  receiverOf,
  RESOLVED,
} from "./receivers-config.ts";
import { LocalService, type ServiceReply } from "./receivers-service.ts";

const KEY = "0123456789abcdef0123456789abcdef";

let service: LocalService;
let receiver: ReceiverUnderTest | undefined;

beforeEach(async () => {
  service = await LocalService.start();
  service.replies = [{ status: 202, body: '{"status":"success"}' }];
});

afterEach(async () => {
  receiver?.close();
  await service.close();
});

function pagerduty(fields = ""): ReceiverUnderTest {
  receiver = receiverOf(`pagerduty_configs:\n- routing_key: ${KEY}\n  url: ${service.url}/v2/enqueue\n${fields}`);
  return receiver;
}

const ALERT = String.raw`{"annotations":{"summary":"load \u003e 9 \u0026 rising"},"endsAt":"0001-01-01T00:00:00Z","fingerprint":"00000000000000aa","generatorURL":"http://prometheus.example/graph?g0.expr=up\u0026g0.tab=1","labels":{"alertname":"HighLoad","instance":"web-1"},"startsAt":"2026-01-02T03:00:00.12Z","status":"firing"}`;

describe("pagerduty", () => {
  test("pagerduty - triggers an incident byte for byte", async () => {
    await pagerduty("  class: load\n  severity: '{{ .CommonLabels.severity }}warning'").send();
    expect([service.request.method, service.request.path]).toEqual(["POST", "/v2/enqueue"]);
    expect(service.request.headers["content-type"]).toBe("application/json");
    expect(service.request.body).toBe(
      `{"routing_key":"${KEY}","dedup_key":"${GROUP_HASH}","event_action":"trigger","payload":{` +
        `"summary":"[FIRING:1] HighLoad (web-1)","source":"Alertmanager","severity":"warning","class":"load",` +
        `"custom_details":{"firing":[${ALERT}],"num_firing":1,"num_resolved":0,"resolved":[]}},` +
        `"client":"Alertmanager","client_url":"http://am.example/#/alerts?receiver=team"}\n`,
    );
  });

  test("pagerduty - resolves the same incident", async () => {
    await pagerduty().send(notificationOf({ alerts: [RESOLVED] }));
    expect(JSON.parse(service.request.body)).toMatchObject({
      dedup_key: GROUP_HASH,
      event_action: "resolve",
      payload: { custom_details: { num_firing: 0, num_resolved: 1 } },
    });
  });

  test("pagerduty - images and links without an address are left out, details may be nested", async () => {
    const fields = [
      "  images: [{src: 'http://x/{{ .Status }}.png', alt: a, href: 'http://x'}, {src: '', alt: b}]",
      "  links: [{href: 'http://x/{{ .Status }}', text: t}, {text: none}]",
      "  details: {num_firing: '{{ \"x\" }}', more: {list: ['{{ .Status }}', 2]}}",
    ];
    await pagerduty(fields.join("\n")).send();
    expect(JSON.parse(service.request.body)).toMatchObject({
      images: [{ src: "http://x/firing.png", alt: "a", href: "http://x" }],
      links: [{ href: "http://x/firing", text: "t" }],
      payload: { custom_details: { num_firing: "x", more: { list: ["firing", 2] } } },
    });
  });

  test("pagerduty - a summary is cut at 1024 characters", async () => {
    await pagerduty(`  description: '{{ printf "%2000s" .Status }}'`).send();
    const { summary } = JSON.parse(service.request.body).payload;
    expect(Array.from(summary as string).length).toBe(1024);
  });

  test("pagerduty - an event above 512 kB goes without its details", async () => {
    await pagerduty(`  details: {big: '{{ printf "%600000s" .Status }}'}`).send();
    expect(JSON.parse(service.request.body).payload.custom_details).toEqual({
      error: "the details are left out because the event was larger than 512 kB",
    });
  });

  test("pagerduty - a broken description is told in the summary", async () => {
    await pagerduty("  description: '{{ .Nonsense }}'").send();
    expect(JSON.parse(service.request.body).payload.summary).toMatch(
      /^\[FIRING:1\] HighLoad \(web-1\) \(the template of description cannot be expanded: /,
    );
  });

  test("pagerduty - a key that expands to nothing is final", async () => {
    receiver = receiverOf(
      `pagerduty_configs:\n- routing_key: '{{ .CommonLabels.none }}'\n  url: ${service.url}/v2/enqueue`,
    );
    const failure = await failureOf(receiver.send());
    expect([failure.isRetryable, failure.message]).toEqual([false, "the key is empty"]);
  });

  test.each<[string, ServiceReply, boolean, string, string]>([
    [
      "400 with its reasons",
      {
        status: 400,
        body: `{"status":"invalid event","message":"Event object is invalid","errors":["bad ${KEY}","x"]}`,
      },
      false,
      "clientError",
      "unexpected status code 400: Event object is invalid: bad <redacted>,x",
    ],
    ["403", { status: 403, body: "x" }, false, "authError", "unexpected status code 403"],
    ["429", { status: 429 }, true, "rateLimited", "unexpected status code 429"],
    ["500", { status: 500, body: "x" }, true, "serverError", "unexpected status code 500"],
  ])("pagerduty - %s", async (_name, reply, isRetryable, reason, message) => {
    service.replies = [reply];
    const failure = await failureOf(pagerduty().send());
    expect([failure.isRetryable, failure.reason, failure.message]).toEqual([isRetryable, reason, message]);
  });
});
