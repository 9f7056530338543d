import { parseAlertmanagerConfig } from "@monotreme/alertmanager-config";
import { Secret } from "@monotreme/prometheus-config";
import { describe, expect, test } from "vitest";
import { createNotificationTemplates } from "./notification-templates.ts";
import { RESOLVED, sampleAlert, sampleNotification } from "./sample-notification.ts";

const MINIMAL: Readonly<Record<string, string>> = {
  discord_configs: "webhook_url: http://x",
  email_configs: "to: a@example.org, from: b@example.org, smarthost: 'localhost:25'",
  incidentio_configs: "url: http://x, alert_source_token: t",
  jira_configs: "api_url: http://x, project: P, issue_type: Bug",
  mattermost_configs: "webhook_url: http://x",
  msteams_configs: "webhook_url: http://x",
  msteamsv2_configs: "webhook_url: http://x",
  opsgenie_configs: "api_key: k",
  pagerduty_configs: "routing_key: k",
  pushover_configs: "user_key: k, token: t",
  rocketchat_configs: "token: t, token_id: i",
  slack_configs: "api_url: http://x, channel: c",
  sns_configs: "topic_arn: arn, sigv4: {region: eu-west-1}",
  telegram_configs: "bot_token: t, chat_id: 1",
  victorops_configs: "api_key: k, routing_key: r",
  webex_configs: "room_id: r, http_config: {authorization: {credentials: c}}",
  webhook_configs: "url: http://x",
  wechat_configs: "api_secret: s, corp_id: c",
};

/** Every text of a configuration, however deep. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || value instanceof Secret) return [];
  return Object.values(value).flatMap(textsOf);
}

describe("default texts", () => {
  const templates = createNotificationTemplates([], { now: () => 0 });
  const firing = sampleNotification([sampleAlert({ alertname: "Down", severity: "critical" })]);
  const resolved = sampleNotification([sampleAlert({ alertname: "Down" }, RESOLVED)]);

  test.each(Object.entries(MINIMAL))("%s - what is not configured expands", (kind, fields) => {
    const text = `route: {receiver: r}\nreceivers:\n- name: r\n  ${kind}: [{${fields}}]\n`;
    const [receiver] = parseAlertmanagerConfig({ text, fileName: "a.yml", folder: "/" }).receivers;
    const found = textsOf(receiver).filter((each) => each.includes("{{"));
    for (const each of found) {
      for (const { data } of [firing, resolved]) {
        expect(() => [templates.text(each, data), templates.html(each, data)], each).not.toThrow();
      }
    }
    const isWithoutTexts = kind === "webhook_configs" || kind === "incidentio_configs";
    expect(found.length > 0).toBe(!isWithoutTexts);
  });
});
