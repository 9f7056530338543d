import type { PagerdutyConfig } from "@monotreme/alertmanager-config";
import { createSilentLogger } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import { goJson } from "../delivery/go-json.ts";
import { createNotificationTemplates } from "../notification-templates.ts";
import { sampleAlert, sampleNotification } from "../sample-notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { eventV1 } from "./pagerduty-event.ts";

const CONFIG: PagerdutyConfig = {
  sendResolved: true,
  httpConfig: { basicAuth: undefined, authorization: undefined, tls: undefined, followRedirects: true, headers: {} },
  serviceKey: undefined,
  serviceKeyFile: undefined,
  routingKey: undefined,
  routingKeyFile: undefined,
  url: "",
  client: "{{ .Receiver }}",
  clientUrl: "http://am",
  description: "{{ .Status }}",
  details: { num_firing: "{{ .Alerts.Firing | len }}" },
  images: [],
  links: [],
  source: "",
  severity: "",
  class: "",
  component: "",
  group: "",
  timeoutMs: 0,
};

function eventOf(isResolved: boolean): { readonly json: string; readonly hash: string } {
  const labels = { alertname: "High" };
  const alert = sampleAlert(labels, isResolved ? { endsAt: "2026-01-02T03:04:00.000Z" } : {});
  const notification = sampleNotification([alert]);
  const expander = new MessageExpander("pagerduty", notification, {
    templates: createNotificationTemplates([], { now: () => 0 }),
    externalUrl: "",
    logger: createSilentLogger(),
    now: () => 0,
    onTemplateFailure: () => undefined,
  });
  return { json: goJson(eventV1(notification, CONFIG, "key", expander)), hash: notification.groupKeyHash };
}

describe("pagerduty version 1", () => {
  test("pagerduty version 1 - triggers with the client", () => {
    const { json, hash } = eventOf(false);
    expect(json).toBe(
      `{"service_key":"key","incident_key":"${hash}","event_type":"trigger","description":"firing","event_action":"",` +
        `"payload":null,"client":"team","client_url":"http://am","details":{"num_firing":1}}`,
    );
  });

  test("pagerduty version 1 - resolves without it", () => {
    const { json, hash } = eventOf(true);
    expect(json).toBe(
      `{"service_key":"key","incident_key":"${hash}","event_type":"resolve","description":"resolved","event_action":"",` +
        `"payload":null,"details":{"num_firing":0}}`,
    );
  });
});
