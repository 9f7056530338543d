import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type AlertmanagerConfig, matchRoutes, parseAlertmanagerConfig } from "@monotreme/alertmanager-config";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const run = promisify(execFile);

/** Every integration that amtool 0.25 knows, and every kind of field that renderings treat specially. */
const EVERYTHING = `
global:
  resolve_timeout: 1d
  smtp_smarthost: mail.example.org:587
  smtp_from: am@example.org
  smtp_auth_password: SECRET
  slack_api_url: https://hooks.slack.com/services/SECRET
  opsgenie_api_key: SECRET
  victorops_api_key: SECRET
  wechat_api_secret: SECRET
  wechat_api_corp_id: corp
  http_config:
    proxy_url: http://u:SECRET@proxy:3128
    basic_auth: {username: u, password: SECRET}
    tls_config: {ca_file: ca.pem}
templates: ["none/*.tmpl"]
route:
  receiver: all
  group_by: [alertname]
  group_wait: 0s
  routes:
  - matchers: ['severity="critical"', 'a=~"x|y", b!="z"']
    receiver: first
    continue: true
    group_by: []
    mute_time_intervals: [night]
  - match: {a: x}
    match_re: {c: "d.*"}
    receiver: second
    group_by: ["..."]
    active_time_intervals: [old]
    routes: [{matchers: ['e=~".+"'], receiver: third}]
receivers:
- name: first
- name: second
- name: third
- name: all
  webhook_configs:
  - {url: 'http://127.0.0.1:5001/SECRET?x=SECRET', max_alerts: 3}
  - {url: 'https://ntfy.sh/SECRET#ntfy', http_config: {authorization: {credentials: SECRET}}}
  email_configs:
  - {to: a@b, headers: {subject: x}, require_tls: false, auth_secret: SECRET}
  slack_configs:
  - channel: '#x'
    fields: [{title: a, value: b, short: false}]
    actions: [{type: button, text: t, url: 'http://x'}, {type: button, text: t, name: n, value: v, confirm: {text: s}}]
  pagerduty_configs: [{routing_key: SECRET, details: {a: yes, b: 'yes', c: 1}, images: [{src: a}]}]
  opsgenie_configs: [{responders: [{name: x, type: team}], details: {a: b}}]
  pushover_configs: [{user_key: SECRET, token: SECRET, retry: 90s}]
  telegram_configs: [{bot_token: SECRET, chat_id: -1001234567890123, parse_mode: ''}]
  discord_configs: [{webhook_url: 'https://discord.com/api/SECRET'}]
  victorops_configs: [{routing_key: x, custom_fields: {a: '0777'}}]
  webex_configs: [{room_id: x, http_config: {authorization: {credentials: SECRET}}}]
  wechat_configs: [{to_user: x}]
  sns_configs: [{topic_arn: arn, sigv4: {region: eu, access_key: a, secret_key: SECRET}, attributes: {a: b}}]
inhibit_rules:
- {source_matchers: [severity=critical], target_matchers: ['severity=~"warning|info"'], equal: [alertname]}
- {source_match: {a: b}, target_match_re: {a: c.*}}
mute_time_intervals:
- name: old
  time_intervals:
  - times: [{start_time: "09:00", end_time: "24:00"}]
    weekdays: ['monday:friday', Sunday]
    days_of_month: ['-3:-1', '5']
    months: ['1:3', 'may:august']
    years: [2020, '2021:2023']
    location: Europe/Berlin
time_intervals: [{name: night, time_intervals: [{}]}]
`;

const MINIMAL = "route: {receiver: x}\nreceivers: [{name: x}]\n";
const entry = (kind: string, text: string): string =>
  `route: {receiver: x}\nreceivers: [{name: x, ${kind}_configs: [${text}]}]\n`;
const interval = (text: string): string => `${MINIMAL}time_intervals: [{name: n, time_intervals: [{${text}}]}]\n`;

/** Files of which amtool and we must say the same: fine, or not. */
const FILES = [
  "",
  "{}",
  "- a",
  "route: [a",
  "route: {}",
  "route: {receiver: x}",
  MINIMAL,
  `${MINIMAL}foo: 1`,
  `global:\n${MINIMAL}`,
  "route: {receiver: 5}\nreceivers: [{name: 5}]",
  "route: {receiver: x}\nreceivers: [{name: x}, {name: x}]",
  "route: {receiver: x, continue: true}\nreceivers: [{name: x}]",
  "route: {receiver: x, group_by: [a, a]}\nreceivers: [{name: x}]",
  "route: {receiver: x, group_by: a}\nreceivers: [{name: x}]",
  "route: {receiver: x, group_wait: 0s}\nreceivers: [{name: x}]",
  "route: {receiver: x, group_wait: 1.5m}\nreceivers: [{name: x}]",
  "route: {receiver: x, group_wait: 300y}\nreceivers: [{name: x}]",
  "route: {receiver: x, repeat_interval: 0s}\nreceivers: [{name: x}]",
  "route: {receiver: x, routes: [{matchers: ['a=~(']}]}\nreceivers: [{name: x}]",
  "route: {receiver: x, routes: [{matchers: ['a=', ' b = c,d!~\"e\", ']}]}\nreceivers: [{name: x}]",
  "route: {receiver: x, routes: [{match_re: {a: '('}}]}\nreceivers: [{name: x}]",
  "route: {receiver: x, routes: [{mute_time_intervals: [n]}]}\nreceivers: [{name: x}]",
  `global: {smtp_smarthost: 'a:'}\n${MINIMAL}`,
  `global: {smtp_smarthost: ''}\n${MINIMAL}`,
  `global: {smtp_smarthost: '[::1]:25'}\n${MINIMAL}`,
  `global: {smtp_smarthost: '::1:25'}\n${MINIMAL}`,
  `global: {smtp_require_tls: off, resolve_timeout: 0s}\n${MINIMAL}`,
  `global: {http_config: {bearer_token: a, basic_auth: {username: b}}}\n${MINIMAL}`,
  entry("webhook", "{}"),
  entry("webhook", "{url: 'ftp://a'}"),
  entry("webhook", "{url: 'http://'}"),
  entry("webhook", "{url: 'http://a', max_alerts: -1}"),
  entry("email", "{to: a}"),
  entry("slack", "{channel: a}"),
  entry("slack", "{api_url: 'http://a', actions: [{type: a, text: b}]}"),
  entry("pagerduty", "{routing_key: ''}"),
  entry("pagerduty", "{routing_key: a, service_key: b}"),
  entry("opsgenie", "{api_key: a, responders: [{name: a, type: TEAM}]}"),
  entry("opsgenie", "{api_key: a, responders: [{name: a, type: b}]}"),
  entry("pushover", "{user_key: a, token: b, retry: 1.5h}"),
  entry("pushover", "{user_key: a, token: b, retry: 1d}"),
  entry("telegram", "{bot_token: a, chat_id: 99999999999999999999}"),
  entry("webex", "{room_id: a, http_config: {bearer_token: b}}"),
  entry("wechat", "{api_secret: a, corp_id: b, message_type: html}"),
  entry("sns", "{topic_arn: a, target_arn: b}"),
  entry("victorops", "{api_key: a, routing_key: b, custom_fields: {entity_id: c}}"),
  interval("times: [{start_time: 09:00, end_time: 24:00}]"),
  interval("times: [{start_time: '9:00', end_time: '10:00'}]"),
  interval("times: []"),
  interval("weekdays: ['1:5']"),
  interval("days_of_month: ['1:-1', '-3:-1']"),
  interval("days_of_month: ['20:-10']"),
  interval("months: ['june:january']"),
  interval("years: ['2021:2020']"),
  interval("location: Local"),
  interval("location: Mars/Olympus"),
];

/** Label sets whose way through the routing tree is compared. */
const LABEL_SETS: readonly Readonly<Record<string, string>>[] = [
  { alertname: "A" },
  { severity: "critical", a: "x" },
  { severity: "critical", a: "y", b: "z" },
  { a: "x", c: "dd" },
  { severity: "critical", a: "x", c: "d" },
  { severity: "critical", a: "x", c: "d", e: "1" },
];

describe("amtool and our reading of alertmanager.yml", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "monotreme-amtool-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const parse = (text: string): AlertmanagerConfig =>
    parseAlertmanagerConfig({ fileName: "alertmanager.yml", folder, text });

  async function writeConfig(text: string): Promise<string> {
    const path = join(folder, "alertmanager.yml");
    await writeFile(path, text);
    return path;
  }

  /** What amtool says is wrong with a file, or undefined. */
  async function amtoolFault(text: string): Promise<string | undefined> {
    const path = await writeConfig(text);
    try {
      await run("amtool", ["check-config", path]);
      return undefined;
    } catch (error) {
      return error instanceof Error && "stdout" in error ? String(error.stdout) : String(error);
    }
  }

  function ourFault(text: string): string | undefined {
    try {
      parse(text);
      return undefined;
    } catch (error) {
      return String(error);
    }
  }

  test("amtool check-config - accepts and refuses what we do, and what we render of it", async () => {
    for (const text of FILES) {
      const theirs = await amtoolFault(text);
      const ours = ourFault(text);
      expect(ours === undefined, `${text}\namtool: ${theirs}\nours: ${ours}`).toBe(theirs === undefined);
      if (ours === undefined) expect(await amtoolFault(parse(text).renderConfig()), text).toBeUndefined();
    }
  });

  test("amtool check-config - takes the rendering of every integration it knows, which holds no secret", async () => {
    expect(await amtoolFault(EVERYTHING)).toBeUndefined();
    const rendered = parse(EVERYTHING).renderConfig();
    expect(rendered).not.toContain("SECRET");
    expect(await amtoolFault(rendered)).toBeUndefined();
  });

  test("amtool config routes test - alerts take the same ways, by the file and by its rendering", async () => {
    const config = parse(EVERYTHING);
    for (const text of [EVERYTHING, config.renderConfig()]) {
      const path = await writeConfig(text);
      for (const labels of LABEL_SETS) {
        const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
        const { stdout } = await run("amtool", ["config", "routes", "test", `--config.file=${path}`, ...pairs]);
        const ours = matchRoutes(config.route, labels).map(({ receiver }) => receiver);
        expect(ours.join(","), pairs.join()).toBe(stdout.trim());
      }
    }
  });
});
