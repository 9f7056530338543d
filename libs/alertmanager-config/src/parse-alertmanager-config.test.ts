import { ConfigFileError } from "@monotreme/prometheus-config";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AlertmanagerConfig } from "./alertmanager-config.ts";
import { parseAlertmanagerConfig } from "./parse-alertmanager-config.ts";
import type { Receiver } from "./receivers/receiver.ts";

function parse(text: string): AlertmanagerConfig {
  return parseAlertmanagerConfig({ fileName: "am.yml", folder: "/etc/am", text });
}

const ROUTE = "route: {receiver: x}\nreceivers: [{name: x}]\n";

/** A file whose third line is one entry of one kind of integration. */
function withEntry(kind: string, entry: string, global = "{}"): string {
  return `global: ${global}\nroute: {receiver: x}\nreceivers: [{name: x, ${kind}_configs: [${entry}]}]\n`;
}

function receiverOf(text: string): Receiver {
  const [receiver] = parse(text).receivers;
  if (receiver === undefined) throw new Error("no receiver");
  return receiver;
}

function faultsOf(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigFileError) return error.faults;
    throw error;
  }
  return [];
}

describe("alertmanager config - faults name file, line, column and reason", () => {
  const f = (text: string, ...expected: string[]): void => {
    const faults = faultsOf(text);
    expect(faults.length, `${text}\n${faults.join("\n")}`).toBe(expected.length);
    for (const [at, fault] of expected.entries()) expect(faults[at], text).toContain(`am.yml:${fault}`);
  };

  test("structure", () => {
    f("", "1:1: no route provided in config");
    f("- a", "1:1: expected a mapping for the configuration file, found a list");
    f("route: [a", "1:10: broken YAML");
    f(`${ROUTE}foo: 1`, "3:1: field foo not found in the configuration file; expected one of global, route");
    f(`${ROUTE}route: {}`, "3:1: broken YAML: this key is set twice");
    f("route: {receiver: x, foo: 1}\nreceivers: [{name: x, bar: 1}]", "1:22: field foo not", "2:23: field bar not");
    f("global: {smtp: x, http_config: {proxy: y}}", "1:10: field smtp not found in global", "1:33: field proxy not");
    f(withEntry("webhook", "{url: 'http://a', urls: b}"), "3:59: field urls not found in webhook_config");
    f("route: {receiver: x}\nreceivers: [null]", "2:13: empty item in a list of receivers");
  });

  test("routes", () => {
    f("route: {}", "1:8: root route must specify a default receiver");
    f("route: {receiver: x}", '1:19: undefined receiver "x" used in route');
    f(
      `route: {receiver: x, continue: true, matchers: [a=b], match: {c: d}}\nreceivers: [{name: x}]`,
      "1:8: root route must not have any matchers",
      "1:8: cannot have continue in root route",
    );
    const child = (text: string): string => `route:\n  receiver: x\n  routes:\n  - ${text}\nreceivers: [{name: x}]`;
    f(child("receiver: y"), '4:15: undefined receiver "y" used in route');
    f(child("group_by: [a, a]"), '4:15: duplicated label "a" in group_by');
    f(child("group_by: [..., a]"), "4:15: cannot have wildcard group_by (`...`) and other labels at the same time");
    f(child("group_by: ['']"), '4:16: invalid label name "" in group_by list');
    f(child("group_interval: 0s"), "4:21: group_interval cannot be zero");
    f(child("repeat_interval: 0"), "4:22: repeat_interval cannot be zero");
    f(child("group_wait: 1.5m"), '4:17: expected a duration such as 30s, 5m, 4h or 1d, found "1.5m"');
    f(child("matchers: [a b]"), "4:16: bad matcher format: a b");
    f(
      child("matchers: ['a=~(']"),
      '4:16: bad regular expression of label "a": error parsing regexp: missing closing )',
    );
    f(child("match: {a-b: c}"), '4:12: invalid label name "a-b"');
    f(child("match_re: {a: '('}"), '4:15: bad regular expression of label "a"');
    f(child("labels: {'': x}"), '4:13: invalid label name "" in route labels');
    f(child("mute_time_intervals: [n]"), '4:26: undefined time interval "n" used in route');
    f(child("active_time_intervals: [n]"), '4:28: undefined time interval "n" used in route');
    f(
      `route: {receiver: x, mute_time_intervals: [n], active_time_intervals: [n]}\nreceivers: [{name: x}]\ntime_intervals: [{name: n}]`,
      "1:8: root route must not have any mute time intervals",
      "1:8: root route must not have any active time intervals",
    );
    f(`route: {receiver: x, routes: [{a: b}]}`, "1:32: field a not found in route");
  });

  test("inhibitions and time intervals", () => {
    f(
      `${ROUTE}inhibit_rules: [{equal: [''], source_match: {a.b: c}, foo: x}]`,
      '3:26: invalid label name "" in equal list',
      '3:45: invalid label name "a.b"',
      "3:55: field foo not found",
    );
    f(`${ROUTE}time_intervals: [{time_intervals: []}]`, "3:18: missing name in time interval");
    f(`${ROUTE}mute_time_intervals: [{name: n}]\ntime_intervals: [{name: n}]`, '4:18: time interval "n" is not unique');
    const spec = (text: string, fault: string): void =>
      f(`${ROUTE}time_intervals:\n- name: n\n  time_intervals:\n  - ${text}`, `6:${fault}`);
    spec(
      "times: [{start_time: '17:00', end_time: '09:00'}]",
      "26: start time cannot be equal or greater than end time",
    );
    spec("times: [{start_time: '9:00', end_time: '10:00'}]", "26: couldn't parse timestamp 9:00, invalid format");
    spec("times: [{start_time: '09:00', end_time: '24:01'}]", "45: couldn't parse timestamp 24:01");
    spec("times: [{start_time: '09:00'}]", "13: field end_time is missing");
    spec("weekdays: [mon]", "16: mon is not a valid weekday");
    spec("weekdays: ['friday:monday']", "16: start day cannot be before end day");
    spec("weekdays: ['monday:tuesday:friday']", "16: couldn't parse range");
    spec("days_of_month: ['0']", "21: 0 is not a valid day of the month: out of range");
    spec("days_of_month: ['-1:1']", "21: end day must be negative if start day is negative");
    spec("days_of_month: ['20:-10']", "21: end day -10 is always before start day 20");
    spec("months: ['june:january']", "14: end month january is before start month june");
    spec("months: [jan]", "14: jan is not a valid month");
    spec("years: ['2021:2020']", "13: end year 2020 is before start year 2021");
    spec("location: Mars/Olympus", "15: unknown time zone Mars/Olympus");
  });

  test("global", () => {
    const global = (text: string, fault: string): void => f(`global: {${text}}\n${ROUTE}`, `1:${fault}`);
    global("smtp_smarthost: mail", "26: expected an address such as smtp.example.org:587");
    global("smtp_smarthost: 'mail:'", '26: address "mail:": port cannot be empty');
    for (const name of ["smtp_auth_password", "opsgenie_api_key", "slack_app_token", "rocketchat_token_id"]) {
      global(
        `${name}: a, ${name}_file: b`,
        `${name.length * 2 + 22}: at most one of ${name} & ${name}_file must be configured`,
      );
    }
    global("slack_api_url: 'http://a', slack_app_token: b", "54: at most one of slack_app_token/slack_app_token_file");
    global("pagerduty_url: ftp://a", '25: unsupported scheme "ftp" for URL');
    global("http_config: {basic_auth: {}, authorization: {}}", "55: at most one of basic_auth");
    global("resolve_timeout: 5", "27: expected a duration");
    expect(
      faultsOf(`global: {slack_api_url: "https://slack.com/api/chat.postMessage", slack_app_token: b}\n${ROUTE}`),
    ).toEqual([]);
  });

  test("receivers", () => {
    f("route: {receiver: x}\nreceivers: [{name: x}, {name: x}]", '2:24: notification config name "x" is not unique');
    f("route: {receiver: x}\nreceivers: [{name: x}, {}]", "2:24: missing name in receiver");
    const entry = (kind: string, text: string, fault: string, global?: string): void =>
      f(withEntry(kind, text, global), `3:${fault}`);
    entry("webhook", "{}", "41: one of url or url_file must be configured");
    entry("webhook", "{url: 'http://', max_alerts: 1}", "47: missing host for URL");
    entry("webhook", "{url: 'http://a', timeout: 1d}", "68: expected a duration such as 10s, 1m30s or 500ms");
    entry("webhook", "{url: 'http://a', max_alerts: -1}", "71: expected a whole number from 0 on");
    entry("email", "{to: a}", "39: no global SMTP from set", "{smtp_smarthost: 'a:25'}");
    entry("email", "{to: a}", "39: no global SMTP smarthost set", "{smtp_from: a}");
    const smtp = "{smtp_smarthost: 'a:25', smtp_from: b}";
    entry("email", "{from: a}", "39: missing to address in email config", smtp);
    entry(
      "email",
      "{to: a, headers: {subject: a, Subject: b}}",
      '56: duplicate header "Subject" in email config',
      smtp,
    );
    entry("email", "{to: a, threading: {enabled: true}}", "58: threading.thread_by_date must be either", smtp);
    entry("slack", "{channel: a}", "39: no Slack API URL nor App token set");
    entry(
      "slack",
      "{app_token: a, http_config: {authorization: {credentials: b}}}",
      "39: http authorization can't be set",
    );
    entry(
      "slack",
      "{api_url: 'http://a', update_message: true}",
      "39: update_message can only be used with bot tokens",
    );
    entry("slack", "{api_url: 'http://a', app_token: b}", "39: at most one of api_url/api_url_file & app_token");
    entry("slack", "{api_url: 'http://a', actions: [{type: a, text: b}]}", "71: missing name or url in Slack action");
    entry("slack", "{api_url: 'http://a', fields: [{title: a}]}", "70: missing value in Slack field configuration");
    entry("pagerduty", "{routing_key: ''}", "43: missing service or routing key in PagerDuty config");
    entry("opsgenie", "{}", "42: no global OpsGenie API Key set either inline or in a file");
    entry("opsgenie", "{api_key: a, responders: [{name: a, type: b}]}", "84: opsGenieConfig responder type does not");
    entry("pushover", "{user_key: a}", "42: one of token or token_file must be configured");
    entry("pushover", "{user_key: a, token: b, html: on, monospace: on}", "87: at most one of monospace & html");
    entry("telegram", "{bot_token: a}", "42: missing chat_id or chat_id_file on telegram_config");
    entry("telegram", "{chat_id: 1}", "42: missing bot_token or bot_token_file on telegram_config");
    entry("telegram", "{bot_token: a, chat_id: 1, parse_mode: html}", "81: unknown parse_mode on telegram_config");
    entry("discord", "{}", "41: one of webhook_url or webhook_url_file must be configured");
    entry(
      "msteams",
      "{webhook_url: 'http://a', webhook_url_file: b}",
      "85: at most one of webhook_url & webhook_url_file",
    );
    entry("msteamsv2", "{}", "43: one of webhook_url or webhook_url_file");
    entry("mattermost", "{}", "44: missing webhook_url or webhook_url_file on mattermost_config");
    entry("jira", "{project: a, api_url: 'http://a'}", "38: missing issue_type in jira_config");
    entry("jira", "{project: a, issue_type: b}", "38: no global Jira Cloud URL set");
    entry("jira", "{project: a, issue_type: b, api_type: c}", "76: expected one of auto, cloud, datacenter");
    entry("rocketchat", "{token: a}", "44: no global Rocketchat TokenID set");
    entry("sns", "{topic_arn: a, target_arn: b}", "37: must provide either a Target ARN, Topic ARN, or Phone Number");
    entry("sns", "{topic_arn: a, sigv4: {access_key: b}}", "59: must provide a AWS SigV4 Access key and Secret Key");
    entry("victorops", "{api_key: a}", "43: missing Routing key in VictorOps config");
    entry("victorops", "{api_key: a, routing_key: b, custom_fields: {entity_id: c}}", "87: victorOps config contains");
    entry("webex", "{room_id: a}", "39: missing webex_configs.http_config.authorization");
    entry("incidentio", "{url: 'http://a', http_config: {}}", "44: at least one of alert_source_token");
    entry("wechat", "{api_secret: a}", "40: no global Wechat CorpID set");
    entry("wechat", "{api_secret: a, corp_id: b, message_type: html}", '82: weChat message type "html" does not match');
  });

  test("no fault shows a secret", () => {
    const texts = [
      withEntry("slack", "{api_url: 'hooks.slack.com/services/T0PSECRET'}"),
      withEntry("discord", "{webhook_url: 'https://a b/T0PSECRET'}"),
      withEntry("webhook", "{url: 'ftp://T0PSECRET@x'}"),
      withEntry("telegram", "{bot_token: [T0PSECRET], chat_id: 1}"),
    ];
    for (const text of texts) {
      expect(faultsOf(text).length, text).toBeGreaterThan(0);
      expect(faultsOf(text).join(), text).not.toContain("T0PSECRET");
    }
  });
});

describe("alertmanager config - what the file says", () => {
  test("defaults are upstream's", () => {
    const config = parse(ROUTE);
    expect(config.global.resolveTimeoutMs).toBe(300_000);
    expect(config.global.httpConfig.followRedirects).toBe(true);
    expect(config.route).toMatchObject({
      receiver: "x",
      groupBy: [],
      groupWaitMs: 30_000,
      repeatIntervalMs: 14_400_000,
    });
    expect(config.receivers[0]).toMatchObject({ name: "x", labels: { name: "x" }, webhookConfigs: [] });
    expect(config.warnings).toEqual([]);
    expect(Object.isFrozen(config.route)).toBe(true);
    expect(receiverOf(withEntry("webhook", "{url: 'http://a'}")).webhookConfigs[0]?.sendResolved).toBe(true);
    expect(receiverOf(withEntry("slack", "{api_url: 'http://a'}")).slackConfigs[0]?.sendResolved).toBe(false);
    const rocketchat = receiverOf(withEntry("rocketchat", "{token: a, token_id: b}")).rocketchatConfigs[0];
    expect(rocketchat?.sendResolved).toBe(false);
  });

  test("entries inherit from global, and their own http_config replaces it whole", () => {
    const global = `{
      http_config: {basic_auth: {username: u, password: p}, tls_config: {ca_file: ca.pem}},
      smtp_smarthost: 'mail:587', smtp_from: f, smtp_auth_password: p, smtp_require_tls: false, smtp_force_implicit_tls: true,
      opsgenie_api_key: k, opsgenie_api_url: 'http://o/p?q', telegram_bot_token: t, mattermost_webhook_url: 'http://m'}`;
    const receiver = receiverOf(`global: ${global}\nroute: {receiver: x}\nreceivers: [{name: x,
      email_configs: [{to: a, headers: {reply-to: b}}, {to: a, smarthost: 'own:25', auth_password_file: f, require_tls: true}],
      webhook_configs: [{url: 'http://a'}, {url: 'http://a', http_config: {tls_config: {key_file: ../k, cert_file: /c}}}],
      opsgenie_configs: [{}], telegram_configs: [{chat_id: -1001234567890123456}], mattermost_configs: [{}]}]`);
    const [first, second] = receiver.emailConfigs;
    expect(first).toMatchObject({ from: "f", hello: "localhost", requireTls: false, forceImplicitTls: true });
    expect(first).toMatchObject({ smarthost: { host: "mail", port: "587" }, headers: { "Reply-To": "b" } });
    expect(first?.authPassword?.reveal()).toBe("p");
    expect(second).toMatchObject({ smarthost: { host: "own" }, authPasswordFile: "f", requireTls: true });
    expect(second?.authPassword).toBeUndefined();
    const [inheriting, own] = receiver.webhookConfigs;
    expect(inheriting?.httpConfig.tls?.caFile).toBe("/etc/am/ca.pem");
    expect(inheriting?.httpConfig.basicAuth?.password?.reveal()).toBe("p");
    expect(own?.httpConfig).toMatchObject({ basicAuth: undefined, tls: { keyFile: "/etc/k", certFile: "/c" } });
    expect(receiver.opsgenieConfigs[0]).toMatchObject({ apiUrl: "http://o/p/?q" });
    expect(receiver.telegramConfigs[0]).toMatchObject({
      chatId: "-1001234567890123456",
      apiUrl: "https://api.telegram.org",
    });
    expect(receiver.telegramConfigs[0]?.botToken?.reveal()).toBe("t");
    expect(receiver.mattermostConfigs[0]?.webhookUrl?.reveal()).toBe("http://m");
  });

  test("a slack token means the app's address and an authorization", () => {
    const global = "{slack_app_token: tok, slack_app_url: 'https://s/post'}";
    const [slack] = receiverOf(withEntry("slack", "{channel: c, update_message: true}", global)).slackConfigs;
    expect(slack?.apiUrl?.reveal()).toBe("https://s/post");
    expect(slack?.httpConfig.authorization?.credentials?.reveal()).toBe("tok");
    const [own] = receiverOf(withEntry("slack", "{api_url: 'https://hook'}", global)).slackConfigs;
    expect(own?.apiUrl?.reveal()).toBe("https://hook");
    expect(own?.httpConfig.authorization).toBeUndefined();
  });

  test("values of any form keep their types", () => {
    const payload =
      "{n: 1, f: 1.5, b: yes, s: 'yes', q: \"1\", t: '{{ .Status }}', l: [null, 0x10, a], big: 99999999999999999999}";
    const [webhook] = receiverOf(withEntry("webhook", `{url: 'http://a', payload: ${payload}}`)).webhookConfigs;
    expect(webhook?.payload).toEqual({
      n: 1,
      f: 1.5,
      b: true,
      s: "yes",
      q: "1",
      t: "{{ .Status }}",
      l: [null, 16, "a"],
      big: "99999999999999999999",
    });
    const [pagerduty] = receiverOf(
      withEntry("pagerduty", "{routing_key: a, details: {firing: own, x: {y: 1}}}"),
    ).pagerdutyConfigs;
    expect(pagerduty?.details).toMatchObject({ firing: "own", num_firing: "{{ .Alerts.Firing | len }}", x: { y: 1 } });
    expect(pagerduty?.source).toBe('{{ template "pagerduty.default.client" . }}');
  });

  test("jira fields are templates, or say whether updates write them", () => {
    const entry =
      "{api_url: 'http://j', project: p, issue_type: t, summary: s, description: {enable_update: false}, labels: [a]}";
    const [jira] = receiverOf(withEntry("jira", entry)).jiraConfigs;
    expect(jira?.summary).toEqual({ template: "s", enableUpdate: true });
    expect(jira?.description).toEqual({ template: '{{ template "jira.default.description" . }}', enableUpdate: false });
    expect(jira?.labels).toEqual({ values: ["a"], enableUpdate: true });
  });

  test("what is deprecated, ignored or odd is a warning", () => {
    const config = parse(`route:
  receiver: x
  routes:
  - match: {a: b}
    match_re: {c: d.*}
    repeat_interval: 1m
  - matchers: ["a=b c"]
receivers: [{name: x}]
tracing: {endpoint: x}
mute_time_intervals: [{name: n, time_intervals: [{months: ['13']}]}]
`);
    expect(config.warnings.map((warning) => warning.replace(/(:\d+:\d+: .{18}).*/, "$1"))).toEqual([
      "am.yml:4:5: repeat_interval is",
      "am.yml:4:12: deprecated; use ma",
      "am.yml:5:15: deprecated; use ma",
      'am.yml:7:16: matchers "a=b c" a',
      "am.yml:9:10: not supported and ",
      "am.yml:10:22: mute_time_interval",
      "am.yml:10:60: 13 is no month's n",
    ]);
    expect(config.route.routes[0]?.matchers.join()).toBe('a="b",c=~"d.*"');
    expect(config.timeIntervals.has("n")).toBe(true);
  });

  test("classic mode allows legacy names only", () => {
    const text = "route: {receiver: x, group_by: [a.b]}\nreceivers: [{name: x}]";
    const file = { fileName: "am.yml", folder: "/", text };
    expect(() => parseAlertmanagerConfig(file, { matcherMode: "classic" })).toThrow('invalid label name "a.b"');
    expect(parseAlertmanagerConfig(file, { matcherMode: "utf8" }).route.groupBy).toEqual(["a.b"]);
  });
});

describe("alertmanager config - rendering", () => {
  const EVERYTHING = `
global:
  slack_api_url: https://hooks.slack.com/SECRET
  jira_api_url: https://jira
  pagerduty_url: https://u:SECRET@pagerduty
  smtp_smarthost: '[::1]:25'
  smtp_from: f
  smtp_auth_password: SECRET
  http_config: {oauth2: {client_id: a, client_secret: SECRET, token_url: 'https://t'}, http_headers: {X: {secrets: [SECRET]}}}
templates: [t/*.tmpl]
route:
  receiver: all
  group_by: ['...']
  labels: {team: '{{ .GroupLabels.team }}'}
  routes: [{matchers: ['"a b"="c"', d=~"e|f"], group_by: [], group_wait: 0s, mute_time_intervals: [n], continue: true}]
receivers:
- name: all
  labels: {owner: me}
  discord_configs: [{webhook_url: 'https://SECRET'}]
  email_configs: [{to: a, require_tls: false, threading: {enabled: true, thread_by_date: daily}}]
  incidentio_configs: [{url: 'https://i', alert_source_token: SECRET, timeout: 90s}]
  pagerduty_configs: [{routing_key: SECRET, details: {a: {b: [1, "yes"]}}, timeout: 1m}]
  slack_configs: [{fields: [{title: a, value: b, short: false}]}, {app_token: SECRET}]
  webhook_configs:
  - {url: 'https://host:8080/SECRET?x=SECRET', payload: {a: "{{ .Status }}", b: [1, true, "true"]}}
  - {url: 'https://ntfy/SECRET#ntfy'}
  - {url: 'https://{{ .CommonLabels.SECRET }}/x'}
  opsgenie_configs: [{api_key: SECRET, responders: [{name: a, type: team}]}]
  wechat_configs: [{api_secret: SECRET, corp_id: c}]
  pushover_configs: [{user_key: SECRET, token: SECRET, ttl: 1h}]
  victorops_configs: [{api_key: SECRET, routing_key: r}]
  sns_configs: [{topic_arn: a, sigv4: {region: r, access_key: k, secret_key: SECRET}}]
  telegram_configs: [{bot_token: SECRET, chat_id: -1001234567890123456, parse_mode: ''}]
  webex_configs: [{room_id: r, http_config: {authorization: {credentials: SECRET}}}]
  msteams_configs: [{webhook_url: 'https://SECRET'}]
  msteamsv2_configs: [{webhook_url: 'https://SECRET'}]
  jira_configs: [{project: p, issue_type: t, labels: {values: [a], enable_update: false}, fields: {customfield_1: {value: 5}}}]
  rocketchat_configs: [{token: SECRET, token_id: SECRET, actions: [{type: button, msginchatwindow: true}]}]
  mattermost_configs: [{webhook_url: 'https://SECRET', props: {card: c}, priority: {priority: urgent, requested_ack: true}}]
inhibit_rules: [{name: i, source_matchers: [a=b], target_match: {c: d}, equal: [e]}]
time_intervals:
- name: n
  time_intervals: [{times: [{start_time: 09:00, end_time: 24:00}], weekdays: ['monday:friday', sunday], days_of_month: ['-3:-1'], months: [may], years: ['2020:2021'], location: Europe/Berlin}, {}]
`;

  test("shows no secret, and reads back as the same", () => {
    const config = parse(EVERYTHING);
    const rendered = config.renderConfig();
    expect(rendered.replaceAll("CommonLabels.SECRET", "")).not.toContain("SECRET");
    const again = parse(rendered);
    expect(again.renderConfig()).toBe(rendered);
    for (const part of ["global", "route", "inhibitRules", "timeIntervals", "templates"] as const) {
      expect(again[part], part).toEqual(config[part]);
    }
    // Secrets are told apart by what they hide; their rendering is the same.
    expect(JSON.stringify(again.receivers)).toBe(JSON.stringify(config.receivers).replace("u:SECRET@", "u:xxxxx@"));
    expect(rendered).toContain("url: https://host:8080/<secret>\n");
    expect(rendered).toContain("url: https://ntfy/<secret>#ntfy\n");
    expect(rendered).toContain("chat_id: -1001234567890123456\n");
  });

  test("fields of newer versions appear only where they are set", () => {
    const rendered = parse(
      withEntry("slack", "{api_url: 'http://a'}").replace("x, slack", "x, webhook_configs: [{url: 'http://a'}], slack"),
    ).renderConfig();
    for (const field of [
      "url_file",
      " timeout:",
      "app_url",
      "update_message",
      "rocketchat",
      "force_implicit",
      "labels",
      "threading",
    ]) {
      expect(rendered).not.toContain(field);
    }
  });

  test("texts that YAML could mistake have quotes", () => {
    const rendered = parse(
      withEntry(
        "victorops",
        "{api_key: a, routing_key: 'yes', custom_fields: {a: '1:30', b: '0777', c: 'null', d: '~'}}",
      ),
    ).renderConfig();
    for (const text of ["yes", "1:30", "0777", "null", "~"]) expect(rendered).toContain(`"${text}"`);
  });
});

describe("alertmanager config - hostile input", () => {
  test("any text gives a configuration or a clean error", () => {
    const pieces = fc.constantFrom(
      "route:",
      " {receiver: x}",
      "\n",
      "receivers:",
      "- name: x",
      "  ",
      "matchers: [",
      "]",
      "{",
      "}",
      ": ",
      "&a ",
      "*a",
      "<<: *a",
      "webhook_configs:",
      "- url: http://a",
      "!!binary ",
      "? ",
      "| ",
      "'",
      '"',
      "\t",
      "0",
      "null",
      "global:",
      "---",
      "a=b",
      "\u0000",
      "é",
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces, { maxLength: 40 }).map((list) => list.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => void faultsOf(text)),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void faultsOf(Buffer.from(bytes).toString("utf8"))),
    );
  });

  test("any one change of a good file gives a configuration or a clean error", () => {
    const good = withEntry(
      "webhook",
      "{url: 'http://a', payload: {a: [1]}}",
      "{smtp_smarthost: 'a:25', http_config: {}}",
    );
    const change = fc.tuple(
      fc.nat(good.length),
      fc.nat(3),
      fc.constantFrom("", "{", "]", ":", "\n", "*", "&x ", "null", "-", "'"),
    );
    fc.assert(
      fc.property(change, ([at, length, text]) => void faultsOf(good.slice(0, at) + text + good.slice(at + length))),
      { numRuns: 150 },
    );
  });

  test("long and deep values are read in time, or refused", () => {
    const startMs = performance.now();
    const long = "1".repeat(300_000);
    expect(faultsOf(withEntry("webhook", `{url: 'http://a', payload: ${long}x}`))).toEqual([]);
    expect(faultsOf(withEntry("webhook", `{url: 'http://a', timeout: ${long}}`)).length).toBe(1);
    expect(faultsOf(`route: {receiver: x, group_wait: ${long}}\nreceivers: [{name: x}]`).length).toBe(1);
    const deep = `${"[".repeat(300)}${"]".repeat(300)}`;
    expect(faultsOf(withEntry("webhook", `{url: 'http://a', payload: ${deep}}`)).join()).toContain("deeper than 100");
    expect(performance.now() - startMs).toBeLessThan(5000);
  });

  test("nesting and aliases end at bounds", () => {
    const deep = `route: ${"{receiver: x, routes: [".repeat(150)}{}${"]}".repeat(150)}\nreceivers: [{name: x}]`;
    expect(faultsOf(deep).join()).toContain("routes are nested deeper than 100 times");
    const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]\n${"bcdefghi".replace(/./g, (letter, at: number) => {
      const below = "abcdefgh"[at] ?? "a";
      return `${letter}: &${letter} [${Array.from({ length: 10 }, () => `*${below}`).join(", ")}]\n`;
    })}tracing: *i\n${ROUTE}`;
    expect(faultsOf(bomb).join()).toContain("aliases expand to too many values");
    expect(faultsOf("route: &r {receiver: x, routes: [*r]}\nreceivers: [{name: x}]").length).toBeGreaterThan(0);
  });
});
