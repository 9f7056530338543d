import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTemporaryFolder } from "@monotreme/testkit";
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

function webhook(fields = "", options: Parameters<typeof receiverOf>[1] = {}): ReceiverUnderTest {
  const hasUrl = /^url(_file)?:/m.test(fields);
  const lines = [...(hasUrl ? [] : [`url: ${service.url}/hook?key=s3cr3t-key`]), ...fields.split("\n").filter(Boolean)];
  const receiver = receiverOf(`webhook_configs:\n- ${lines.join("\n  ")}`, options);
  opened.push(receiver);
  return receiver;
}

const ALERT_JSON = String.raw`{"status":"firing","labels":{"alertname":"HighLoad","instance":"web-1"},"annotations":{"summary":"load \u003e 9 \u0026 rising"},"startsAt":"2026-01-02T03:00:00.12Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prometheus.example/graph?g0.expr=up\u0026g0.tab=1","fingerprint":"00000000000000aa"}`;

describe("webhook", () => {
  test("webhook - posts version 4 byte for byte", async () => {
    await webhook().send(notificationOf({ routeLabels: { team: "sre" } }));
    const { method, path, headers, body } = service.request;
    expect([method, path]).toEqual(["POST", "/hook?key=s3cr3t-key"]);
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["user-agent"]).toBe("Alertmanager/0.34.0");
    expect(headers["content-length"]).toBe(String(Buffer.byteLength(body)));
    expect(body).toBe(
      `{"receiver":"team","status":"firing","alerts":[${ALERT_JSON}],"notification_reason":"first notification",` +
        `"groupLabels":{"alertname":"HighLoad"},"commonLabels":{"alertname":"HighLoad","instance":"web-1"},` +
        String.raw`"commonAnnotations":{"summary":"load \u003e 9 \u0026 rising"},` +
        `"routeLabels":{"team":"sre"},"externalURL":"http://am.example","version":"4",` +
        `"groupKey":"{}:{alertname=\\"HighLoad\\"}","truncatedAlerts":0}\n`,
    );
  });

  test("webhook - a resolved group has the ends of its alerts", async () => {
    await webhook().send(notificationOf({ alerts: [RESOLVED], reason: "all alerts resolved" }));
    const body = JSON.parse(service.request.body);
    expect([body.status, body.alerts[0].status, body.alerts[0].endsAt]).toEqual([
      "resolved",
      "resolved",
      "2026-01-02T03:04:00Z",
    ]);
  });

  test("webhook - max_alerts cuts off and counts", async () => {
    const second = { ...FIRING, labels: { alertname: "HighLoad", instance: "web-3" } };
    await webhook("max_alerts: 1").send(notificationOf({ alerts: [FIRING, second, RESOLVED] }));
    const body = JSON.parse(service.request.body);
    expect([body.alerts.length, body.truncatedAlerts, body.commonLabels.instance]).toEqual([1, 2, "web-1"]);
  });

  test("webhook - a templated url", async () => {
    await webhook(`url: '${service.url}/{{ .GroupLabels.alertname | toLower }}'`).send();
    expect(service.request.path).toBe("/highload");
  });

  test("webhook - url_file is read at each send", async () => {
    const folder = await createTemporaryFolder("webhook-test");
    const file = join(folder.path, "url");
    const receiver = webhook(`url_file: ${file}`);
    await writeFile(file, `${service.url}/one\n`);
    await receiver.send();
    await writeFile(file, `${service.url}/two\n`);
    await receiver.send();
    expect(service.requests.map(({ path }) => path)).toEqual(["/one", "/two"]);
    await rm(file);
    const failure = await failureOf(receiver.send());
    expect([failure.isRetryable, failure.reason]).toEqual([true, "other"]);
    await folder.remove();
  });

  test("webhook - a payload of one's own: templates in keys and texts, structures from what they give", async () => {
    const payload = [
      "payload:",
      "  text: 'alert {{ .CommonLabels.alertname }} <b>'",
      "  '{{ .Status }}': true",
      "  count: '{{ len .Alerts }}'",
      "  big: '123456789012345678901'",
      "  labels: '{{ .CommonLabels | toJson }}'",
      "  list: [1, 1.5, null, '{{ .Receiver }}']",
    ];
    await webhook(payload.join("\n")).send();
    expect(service.request.body).toBe(
      '{"big":123456789012345678901,"count":1,"firing":true,' +
        '"labels":{"alertname":"HighLoad","instance":"web-1"},"list":[1,1.5,null,"team"],' +
        String.raw`"text":"alert HighLoad \u003cb\u003e"}` +
        "\n",
    );
  });

  test("webhook - a broken template of a payload sends the alerts in plain and the error", async () => {
    const receiver = webhook("payload: {text: '{{ .Nonsense.field }}', id: 7}");
    await receiver.send();
    const body = JSON.parse(service.request.body);
    expect(body.id).toBe(7);
    expect(body.text).toContain("[FIRING:1] HighLoad (web-1)\nthe template of payload.text cannot be expanded: ");
    expect(body.text).toContain("firing: alertname=HighLoad, instance=web-1");
    expect(receiver.templateFailures).toEqual(["webhook"]);
  });

  test("webhook - a broken template of the url is final and does not show it", async () => {
    const failure = await failureOf(webhook(`url: '${service.url}/s3cr3t-key/{{ .Nonsense }}'`).send());
    expect([failure.isRetryable, failure.message]).toEqual([false, "the template of url cannot be expanded"]);
  });
});

describe("failures of a service", () => {
  test.each([
    [400, {}, false, "clientError", undefined],
    [401, {}, false, "authError", undefined],
    [403, {}, false, "authError", undefined],
    [404, {}, false, "clientError", undefined],
    [429, {}, true, "rateLimited", undefined],
    [429, { "retry-after": "7" }, true, "rateLimited", 7000],
    [429, { "retry-after": "Fri, 02 Jan 2026 03:04:35 GMT" }, true, "rateLimited", 30_000],
    [500, {}, true, "serverError", undefined],
    [503, { "retry-after": "3" }, true, "serverError", 3000],
  ])("status %d %j", async (status, headers, isRetryable, reason, retryAfterMs) => {
    service.replies = [{ status, headers, body: "no: /hook?key=s3cr3t-key" }];
    const failure = await failureOf(webhook().send());
    expect([failure.isRetryable, failure.reason, failure.retryAfterMs]).toEqual([isRetryable, reason, retryAfterMs]);
    expect(failure.message).toBe(`unexpected status code ${status}: no: <redacted>`);
  });

  test("a service that hangs is cut by the signal", async () => {
    service.replies = ["hang"];
    const failure = await failureOf(webhook().send(undefined, AbortSignal.timeout(200)));
    expect([failure.isRetryable, failure.reason]).toEqual([true, "contextDeadlineExceeded"]);
  });

  test("a service that hangs is cut by the integration's own timeout", async () => {
    service.replies = ["hang"];
    const failure = await failureOf(webhook("timeout: 200ms").send(undefined, new AbortController().signal));
    expect([failure.isRetryable, failure.reason]).toEqual([true, "contextDeadlineExceeded"]);
  });

  test("an end from outside says that it was one", async () => {
    service.replies = ["hang"];
    const abort = new AbortController();
    const delivery = failureOf(webhook().send(undefined, abort.signal));
    abort.abort();
    expect((await delivery).reason).toBe("contextCanceled");
  });

  test("a cut connection may be tried again", async () => {
    service.replies = ["cut"];
    const failure = await failureOf(webhook().send());
    expect([failure.isRetryable, failure.reason]).toEqual([true, "other"]);
  });

  test("a refused connection may be tried again, and the error has no address' path", async () => {
    const url = `${service.url}/s3cr3t-key`;
    await service.close();
    const failure = await failureOf(webhook(`url: ${url}`).send());
    expect([failure.isRetryable, failure.reason]).toEqual([true, "other"]);
    expect(failure.message).toContain("ECONNREFUSED");
    expect(failure.message).not.toContain("s3cr3t-key");
    service = await LocalService.start();
  });

  test("what the status says holds even if the body never ends", async () => {
    service.replies = [{ headers: { "content-length": "100" }, body: "short" }];
    await expect(webhook().send(undefined, AbortSignal.timeout(300))).resolves.toEqual({});
  });
});
