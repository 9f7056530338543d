import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { PushoverIntegration } from "@monotreme/receivers";
import { createTemporaryFolder } from "@monotreme/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  failureOf,
  FIRING,
  GROUP_HASH,
  notificationOf,
  type ReceiverUnderTest,
  receiverOf,
  RESOLVED,
} from "./receivers-config.ts";
import { PLAIN_HTTP, sampleContext } from "./receivers-fixture.ts";
import { LocalService } from "./receivers-service.ts";
import { Secret } from "@monotreme/prometheus-config";

let service: LocalService;
const opened: { close(): void }[] = [];

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

describe("opsgenie", () => {
  const opsgenie = (fields = ""): ReceiverUnderTest =>
    open(`opsgenie_configs:\n- api_url: ${service.url}\n  api_key: genie-key\n${fields}`);

  test("opsgenie - creates an alert by alias, byte for byte", async () => {
    await opsgenie(
      [
        "  message: 'load {{ .CommonLabels.instance }} <1>'",
        "  description: 'much'",
        "  source: 'am'",
        "  details: {instance: 'own {{ .CommonLabels.instance }}', team: 'a'}",
        "  responders: [{name: 'ops,db,', type: teams}, {id: '1', type: user}, {name: '{{ .CommonLabels.nobody }}', type: team}]",
        "  tags: 'one,,two'",
        "  note: 'see {{ .Status }}'",
        "  priority: P1",
        "  entity: web",
        "  actions: 'restart'",
      ].join("\n"),
    ).send();
    const { method, path, headers, body } = service.request;
    expect(`${method} ${path}`).toBe("POST /v2/alerts");
    expect(headers).toMatchObject({ authorization: "GenieKey genie-key", "content-type": "application/json" });
    expect(body).toBe(
      `{"alias":"${GROUP_HASH}","message":"load web-1 \\u003c1\\u003e","description":"much",` +
        '"details":{"alertname":"HighLoad","instance":"own web-1","team":"a"},"source":"am",' +
        '"responders":[{"name":"ops","type":"team"},{"name":"db","type":"team"},{"id":"1","type":"user"}],' +
        '"tags":["one","two"],"note":"see firing","priority":"P1","entity":"web","actions":["restart"]}\n',
    );
  });

  test("opsgenie - the default message is cut to 130 characters", async () => {
    const labels = { alertname: "HighLoad", path: "ü".repeat(300) };
    await opsgenie().send(notificationOf({ alerts: [{ ...FIRING, labels }] }));
    const { message } = JSON.parse(service.request.body);
    expect([...message]).toHaveLength(130);
    expect(message).toMatch(/^\[FIRING:1\] HighLoad \(ü+…$/);
  });

  test("opsgenie - a resolved group closes its alert", async () => {
    await opsgenie("  source: am").send(resolved);
    const { method, path, body } = service.request;
    expect(`${method} ${path}`).toBe(`POST /v2/alerts/${GROUP_HASH}/close?identifierType=alias`);
    expect(body).toBe('{"source":"am"}\n');
  });

  test("opsgenie - update_alerts writes message and description again", async () => {
    await opsgenie("  update_alerts: true\n  message: m\n  description: d").send();
    expect(service.requests.map(({ method, path, body }) => `${method} ${path} ${body}`).slice(1)).toEqual([
      `PUT /v2/alerts/${GROUP_HASH}/message?identifierType=alias {"message":"m"}\n`,
      `PUT /v2/alerts/${GROUP_HASH}/description?identifierType=alias {"description":"d"}\n`,
    ]);
  });

  test("opsgenie - the key's file is read at each use, and no error shows it", async () => {
    const folder = await createTemporaryFolder("opsgenie");
    const file = join(folder.path, "key");
    await writeFile(file, "first-key\n");
    const receiver = open(`opsgenie_configs:\n- api_url: ${service.url}/\n  api_key_file: ${file}`);
    await receiver.send();
    await writeFile(file, "second-key\n");
    service.replies = [{ status: 422, body: "second-key is not known" }];
    const error = await failureOf(receiver.send());
    expect(error).toMatchObject({ isRetryable: false, reason: "clientError" });
    expect(error.message).not.toContain("second-key");
    expect(service.requests.map(({ headers }) => headers.authorization)).toEqual([
      "GenieKey first-key",
      "GenieKey second-key",
    ]);
    await folder.remove();
  });

  test("opsgenie - 429 and 5xx may be tried again", async () => {
    service.replies = ["cut", { status: 429, headers: { "retry-after": "3" } }, { status: 503 }, { status: 401 }];
    const receiver = opsgenie();
    expect(await failureOf(receiver.send())).toMatchObject({ isRetryable: true, reason: "other" });
    expect(await failureOf(receiver.send())).toMatchObject({
      isRetryable: true,
      reason: "rateLimited",
      retryAfterMs: 3000,
    });
    expect(await failureOf(receiver.send())).toMatchObject({ isRetryable: true, reason: "serverError" });
    expect(await failureOf(receiver.send())).toMatchObject({ isRetryable: false, reason: "authError" });
  });
});

describe("pushover", () => {
  const CONFIG = {
    sendResolved: true,
    httpConfig: PLAIN_HTTP,
    userKey: new Secret("user-key"),
    userKeyFile: undefined,
    token: new Secret("app-token"),
    tokenFile: undefined,
    title: "{{ .status }}",
    message: "{{ .summary }}",
    url: "http://am.example/?a=1&b=2",
    urlTitle: "",
    device: "phone",
    sound: "siren",
    priority: "2",
    retryMs: 60_000,
    expireMs: 3_600_000,
    ttlMs: 0,
    html: false,
    monospace: false,
  };
  const pushover = (config: Partial<typeof CONFIG> = {}): PushoverIntegration => {
    const address = `${service.url}/1/messages.json`;
    const integration = new PushoverIntegration({ ...CONFIG, ...config }, sampleContext(), address);
    opened.push(integration);
    return integration;
  };
  const signal = AbortSignal.timeout(60_000);

  test("pushover - posts a form, byte for byte", async () => {
    await pushover().send(notificationOf(), signal);
    const { method, path, headers, body } = service.request;
    expect(`${method} ${path}`).toBe("POST /1/messages.json");
    expect(headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(body).toBe(
      "token=app-token&user=user-key&title=firing&message=load+%3E+9+%26+rising&url=http%3A%2F%2Fam.example%2F%3Fa%3D1%26b%3D2" +
        "&url_title=&priority=2&retry=60&expire=3600&device=phone&sound=siren",
    );
  });

  test("pushover - bounds, an empty message, and what only some have", async () => {
    const config = { title: "t".repeat(300), message: "m".repeat(2000), url: "u".repeat(600), ttlMs: 90_500 };
    await pushover({ ...config, html: true }).send(notificationOf(), signal);
    await pushover({ message: "", monospace: true }).send(notificationOf(), signal);
    const [long, empty] = service.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
    expect([long?.["title"]?.length, long?.["message"]?.length, long?.["url"]?.length]).toEqual([250, 1024, 512]);
    expect([long?.["html"], long?.["ttl"], long?.["monospace"]]).toEqual(["1", "90", undefined]);
    expect([empty?.["message"], empty?.["monospace"]]).toEqual(["(no details)", "1"]);
  });

  test("pushover - a refusal is final and shows no key", async () => {
    service.replies = [{ status: 400, body: '{"errors":["token app-token is invalid"]}' }];
    const error = await failureOf(pushover().send(notificationOf(), signal));
    expect(error).toMatchObject({ isRetryable: false, reason: "clientError" });
    expect(error.message).not.toContain("app-token");
  });

  test("pushover - a configured receiver has upstream's defaults", () => {
    const receiver = open("pushover_configs:\n- user_key: u\n  token: t");
    expect(receiver.integrations).toMatchObject([{ name: "pushover", index: 0, sendResolved: true }]);
  });
});

describe("victorops", () => {
  const victorops = (fields = ""): ReceiverUnderTest =>
    open(
      `victorops_configs:\n- api_url: ${service.url}/integrations/alert\n  api_key: vo-key\n  routing_key: 'team {{ .Status }}'\n${fields}`,
    );

  test("victorops - sends a trigger, byte for byte", async () => {
    await victorops(
      "  state_message: 's'\n  entity_display_name: 'd'\n  monitoring_tool: 'm'\n  custom_fields: {zone: '{{ .Status }}'}",
    ).send();
    expect(service.request.path).toBe("/integrations/alert/vo-key/team%20firing");
    expect(service.request.body).toBe(
      `{"entity_display_name":"d","entity_id":"${GROUP_HASH}","message_type":"CRITICAL","monitoring_tool":"m",` +
        '"state_message":"s","zone":"firing"}\n',
    );
  });

  test("victorops - the message's type is the configured one, CRITICAL or RECOVERY", async () => {
    const f = async (
      type: string,
      notification: ReturnType<typeof notificationOf>,
      expected: string,
    ): Promise<void> => {
      service.requests.length = 0;
      await victorops(`  message_type: '${type}'`).send(notification);
      expect(JSON.parse(service.request.body).message_type).toBe(expected);
    };
    await f("WARNING", notificationOf(), "WARNING");
    await f("{{ .Status }}", notificationOf(), "CRITICAL");
    await f("INFO", resolved, "RECOVERY");
  });

  test("victorops - a long message is cut, and no error shows the key", async () => {
    service.replies = [{ status: 404, body: "no /integrations/alert/vo-key" }];
    const labels = { alertname: "HighLoad", path: "x".repeat(30_000) };
    const error = await failureOf(victorops().send(notificationOf({ alerts: [{ ...FIRING, labels }] })));
    expect(error).toMatchObject({ isRetryable: false, reason: "clientError" });
    expect(error.message).not.toContain("vo-key");
    expect(JSON.parse(service.request.body).state_message).toHaveLength(20_480);
  });
});

describe("incidentio", () => {
  const incidentio = (fields = ""): ReceiverUnderTest =>
    open(
      `incidentio_configs:\n- url: ${service.url}/v2/alert_events/alertmanager/01\n  alert_source_token: io-token\n${fields}`,
    );

  test("incidentio - posts the alerts, byte for byte", async () => {
    await incidentio().send();
    expect(service.request.headers.authorization).toBe("Bearer io-token");
    expect(service.request.body).toBe(
      '{"receiver":"team","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"HighLoad","instance":"web-1"},' +
        '"annotations":{"summary":"load \\u003e 9 \\u0026 rising"},"startsAt":"2026-01-02T03:00:00.12Z",' +
        '"endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prometheus.example/graph?g0.expr=up\\u0026g0.tab=1",' +
        '"fingerprint":"00000000000000aa"}],"notification_reason":"first notification","groupLabels":{"alertname":"HighLoad"},' +
        '"commonLabels":{"alertname":"HighLoad","instance":"web-1"},"commonAnnotations":{"summary":"load \\u003e 9 \\u0026 rising"},' +
        '"routeLabels":{},"externalURL":"http://am.example","version":"1","groupKey":"{}:{alertname=\\"HighLoad\\"}","truncatedAlerts":0}\n',
    );
  });

  test("incidentio - max_alerts counts what it leaves out, half a megabyte leaves one alert", async () => {
    await incidentio("  max_alerts: 1").send(notificationOf({ alerts: [FIRING, RESOLVED] }));
    const annotations = { summary: "x".repeat(300_000) };
    await incidentio().send(
      notificationOf({
        alerts: [
          { ...FIRING, annotations },
          { ...RESOLVED, annotations },
        ],
      }),
    );
    const bodies = service.requests.map(({ body }) => JSON.parse(body));
    expect(bodies.map(({ alerts, truncatedAlerts }) => [alerts.length, truncatedAlerts])).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  test("incidentio - errors tell what is wrong, 429 may be tried again", async () => {
    service.replies = [{ status: 422, body: '{"message":"bad","errors":["no title"]}' }, { status: 429 }];
    const receiver = incidentio();
    expect(await failureOf(receiver.send())).toMatchObject({
      isRetryable: false,
      message: expect.stringContaining('bad: ["no title"]'),
    });
    expect(await failureOf(receiver.send())).toMatchObject({ isRetryable: true, reason: "rateLimited" });
  });
});
