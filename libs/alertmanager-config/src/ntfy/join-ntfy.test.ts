import { ConfigFileError } from "@monotreme/prometheus-config";
import { expect, test } from "vitest";
import { parseAlertmanagerConfig } from "../parse-alertmanager-config.ts";
import type { NtfyConfig } from "./ntfy-config.ts";

const MAIN = `route: {receiver: phone}
receivers:
- name: phone
  webhook_configs:
  - url: http://plain/hook
  - url: https://ntfy.sh/alerts#ntfy
    send_resolved: false
    max_alerts: 5
    http_config: {tls_config: {insecure_skip_verify: true}}
- name: team
  webhook_configs:
  - url: https://one/a#ntfy
  - url: https://two/{{ .CommonLabels.team }}#ntfy
- name: plain
  webhook_configs: [{url: 'http://a#other'}]
`;

function parse(ntfy?: string): ReturnType<typeof parseAlertmanagerConfig> {
  const main = { fileName: "am.yml", folder: "/etc/am", text: MAIN };
  return parseAlertmanagerConfig(
    main,
    ntfy === undefined ? {} : { ntfy: { fileName: "n.yml", folder: "/etc/n", text: ntfy } },
  );
}

function ntfyOf(receiver: string, ntfy?: string): readonly NtfyConfig[] {
  return parse(ntfy).receivers.find(({ name }) => name === receiver)?.ntfyConfigs ?? [];
}

test("ntfy - webhooks with its fragment are its own, the others stay", () => {
  const { receivers } = parse();
  expect(receivers.map((each) => [each.name, each.webhookConfigs.length, each.ntfyConfigs.length])).toEqual([
    ["phone", 1, 1],
    ["team", 0, 2],
    ["plain", 1, 0],
  ]);
  expect(receivers[0]?.webhookConfigs[0]?.url?.reveal()).toBe("http://plain/hook");
});

test("ntfy - without a side file everything has a default", () => {
  const [phone] = ntfyOf("phone");
  expect(phone?.url?.reveal()).toBe("https://ntfy.sh/alerts");
  expect(phone).toMatchObject({
    sendResolved: false,
    maxAlerts: 5,
    httpConfig: { tls: { insecureSkipVerify: true } },
    title: '{{ template "ntfy.default.title" . }}',
    tags: ['{{ template "ntfy.default.tags" . }}'],
    topic: "",
    mode: "group",
    update: true,
    onResolve: "update",
    silenceAction: { durationsMs: [], mode: "view" },
    rateLimit: { burst: 60, refillMs: 5000 },
    timeoutMs: 30_000,
    token: undefined,
    username: "",
  });
  expect(ntfyOf("team")[1]?.url?.reveal()).toBe("https://two/{{ .CommonLabels.team }}");
});

test("ntfy - the receiver's options go before the defaults, which go before the built-in ones", () => {
  const file = `
defaults: {username: u, password: p, priority: high, mode: alert, silence_action: {enabled: false}}
receivers:
  phone: {token: tk, topic: '{{ .CommonLabels.team }}', tags: [], send_resolved: true, timeout: 5s, max_alerts: 0,
    silence_action: {durations: [1h, 4h], mode: http}, actions: [{action: view, label: Open, url: 'https://x'}], http_config: {}}
  team: [{title: one}, {url: 'https://other/b#ntfy', rate_limit: {burst: 5}}]
`;
  const [phone] = ntfyOf("phone", file);
  expect(phone).toMatchObject({
    username: "",
    priority: "high",
    mode: "alert",
    tags: [],
    sendResolved: true,
    maxAlerts: 0,
  });
  expect(phone).toMatchObject({
    timeoutMs: 5000,
    silenceAction: { durationsMs: [3_600_000, 14_400_000], mode: "http" },
  });
  expect(phone?.httpConfig.tls).toBeUndefined();
  expect(phone?.token?.reveal()).toBe("tk");
  expect(phone?.password).toBeUndefined();
  expect(phone?.actions[0]).toMatchObject({
    action: "view",
    label: "Open",
    url: "https://x",
    method: "",
    clear: false,
  });
  const [one, two] = ntfyOf("team", file);
  expect(one).toMatchObject({ title: "one", username: "u", silenceAction: undefined });
  expect(one?.password?.reveal()).toBe("p");
  expect(two?.url?.reveal()).toBe("https://other/b");
  expect(two?.rateLimit).toEqual({ burst: 5, refillMs: 5000 });
});

test("ntfy - faults of the side file name its lines", () => {
  const f = (text: string, ...expected: string[]): void => {
    let faults: readonly string[] = [];
    try {
      parse(text);
    } catch (error) {
      if (!(error instanceof ConfigFileError)) throw error;
      faults = error.faults;
    }
    expect(faults.length, `${text}\n${faults.join("\n")}`).toBe(expected.length);
    for (const [at, fault] of expected.entries()) expect(faults[at]).toContain(`n.yml:${fault}`);
  };
  const phone = (options: string, ...faults: string[]): void =>
    f(`receivers:\n  phone: {${options}}`, ...faults.map((fault) => `2:${fault}`));
  f("foo: 1", "1:1: field foo not found in the ntfy file; expected one of defaults, receivers");
  f("receivers: [", "1:13: broken YAML");
  f("receivers: {gone: {}}", '1:1: receiver "gone" is not in the alertmanager\'s configuration');
  f("receivers: {plain: {}}", "1:20: the receiver has no webhook_configs entry whose url ends in #ntfy");
  f("receivers: {team: [{}]}", "1:20: the receiver has 2 ntfy entries, and there are options for 1");
  phone("topics: x", "11: field topics not found in the ntfy options");
  phone("token: a, token_file: b", "33: at most one of token & token_file must be configured");
  phone("token: a, username: b, password: c", "31: at most one of token and username with password");
  phone("username: b", "21: username and password belong together");
  phone("priority: '6'", "21: expected a priority from 1 to 5");
  phone("mode: all", "17: expected one of group, alert");
  phone("on_resolve: x", "23: expected one of update, clear, delete, new");
  phone("timeout: 1d", "20: expected a duration such as 10s");
  phone("actions: [{action: view, label: x}]", "21: a view action needs a url");
  phone("actions: [{action: nope, label: x}]", "30: expected one of view, http, broadcast, copy");
  phone("silence_action: {durations: [0s]}", "39: a silence needs a duration above 0");
  phone("rate_limit: {burst: 0}", "31: burst must be above 0");
  phone("url: ftp://x", '16: unsupported scheme "ftp" for URL');
});

test("ntfy - the rendering shows a plain webhook", () => {
  const rendered = parse("defaults: {token: T0PSECRET}").renderConfig();
  expect(rendered).toContain("url: https://ntfy.sh/<secret>#ntfy");
  expect(rendered).not.toContain("ntfy_configs");
  expect(rendered).not.toContain("T0PSECRET");
});
