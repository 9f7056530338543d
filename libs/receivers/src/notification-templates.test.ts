import { describe, expect, test } from "vitest";
import { createNotification } from "./create-notification.ts";
import type { NotificationAlert, NotificationInput } from "./notification.ts";
import { createNotificationTemplates, type TemplateFile } from "./notification-templates.ts";

const NOW_MS = Date.UTC(2026, 0, 2, 4, 0, 0);

const FIRING: NotificationAlert = {
  labels: { alertname: "High", job: "api", zone: "<eu>" },
  annotations: { summary: "too much" },
  startsAt: "2026-01-02T03:04:05.120Z",
  endsAt: null,
  generatorUrl: "http://prometheus/graph?a=1&b=2",
  fingerprint: "0123456789abcdef",
};
const RESOLVED: NotificationAlert = {
  ...FIRING,
  labels: { alertname: "High", job: "web", zone: "<eu>" },
  endsAt: "2026-01-02T03:30:00Z",
};

const INPUT: NotificationInput = {
  receiver: "team.x",
  groupKey: '{}:{alertname="High"}',
  groupLabels: { alertname: "High" },
  routeLabels: { team: "sre" },
  reason: "first notification",
  alerts: [FIRING, RESOLVED],
  flushMs: NOW_MS,
  receiverData: {},
  externalUrl: "http://am",
};

function expand(text: string, input: Partial<NotificationInput> = {}, files: readonly TemplateFile[] = []): string {
  const templates = createNotificationTemplates(files, { now: () => NOW_MS });
  return templates.text(text, createNotification({ ...INPUT, ...input }).data);
}

describe("template data", () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      "{{ .Receiver }} {{ .Status }} {{ .NotificationReason }} {{ .ExternalURL }}",
      "team\\.x firing first notification http://am",
    ],
    [
      "{{ .GroupLabels }}|{{ .CommonLabels }}|{{ .CommonAnnotations }}",
      "alertname=High|alertname=High, zone=<eu>|summary=too much",
    ],
    ['{{ .RouteLabels.team }} {{ routeLabels "team" }} {{ .RouteLabels.none }}', "sre sre "],
    ["{{ len .Alerts }} {{ len .Alerts.Firing }} {{ len .Alerts.Resolved }}", "2 1 1"],
    ["{{ range .Alerts }}{{ .Labels.job }}:{{ .Status }} {{ end }}", "api:firing web:resolved "],
    ['{{ (index .Alerts 0).Labels.SortedPairs.Values | join " " }}', "High api <eu>"],
    ['{{ (index .Alerts 0).Labels.Names.Join "+" }}', "alertname+job+zone"],
    ["{{ range .CommonLabels.SortedPairs }}[{{ .Name }} {{ .Value }}]{{ end }}", "[alertname High][zone <eu>]"],
    ["{{ with .CommonLabels.Remove .GroupLabels.Names }}{{ . }}{{ end }}", "zone=<eu>"],
    ['{{ .CommonLabels.Remove (stringSlice "zone") }}', "alertname=High"],
    ["{{ (index .Alerts 0).StartsAt }}", "2026-01-02 03:04:05.12 +0000 UTC"],
    ['{{ (index .Alerts 0).StartsAt.Format "15:04" }} {{ (index .Alerts 0).EndsAt.IsZero }}', "03:04 true"],
    ['{{ (index .Alerts 0).EndsAt | date "2006" }} {{ since (index .Alerts 1).EndsAt }}', "0001 30m0s"],
    [
      "{{ (index .Alerts 0).Fingerprint }} {{ (index .Alerts 1).GeneratorURL }}",
      "0123456789abcdef http://prometheus/graph?a=1&b=2",
    ],
    ["{{ .CommonLabels.missing }}|{{ .GroupLabels | toJson }}", '|{"alertname":"High"}'],
    [
      "{{ .Alerts.Firing | toJson }}",
      String.raw`[{"status":"firing","labels":{"alertname":"High","job":"api","zone":"\u003ceu\u003e"},"annotations":{"summary":"too much"},"startsAt":"2026-01-02T03:04:05.12Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prometheus/graph?a=1\u0026b=2","fingerprint":"0123456789abcdef"}]`,
    ],
  ];
  test.each(cases)("template data - %s", (text, expected) => {
    expect(expand(text)).toBe(expected);
  });
});

describe("default templates", () => {
  test.each([
    ["firing", {}, "[FIRING:1] High (<eu>)"],
    ["resolved", { alerts: [RESOLVED] }, "[RESOLVED] High (web <eu>)"],
    ["no group labels", { groupLabels: {} }, "[FIRING:1] (High <eu>)"],
    ["all labels in the group", { groupLabels: { alertname: "High", zone: "<eu>" } }, "[FIRING:1] High <eu>"],
  ])("the subject - %s", (_name, input, expected) => {
    expect(expand('{{ template "__subject" . }}', input)).toBe(expected);
  });

  test("the address of the group's alerts", () => {
    expect(expand('{{ template "__alertmanagerURL" . }}')).toBe("http://am/#/alerts?receiver=team%5C.x");
  });

  test("the list of alerts, firing ones first", () => {
    expect(expand('{{ template "telegram.default.message" . }}')).toBe(
      [
        "Alerts Firing:",
        "Labels:",
        " - alertname = High",
        " - job = api",
        " - zone = <eu>",
        "Annotations:",
        " - summary = too much",
        "Source: http://prometheus/graph?a=1&b=2",
        "Alerts Resolved:",
        "Labels:",
        " - alertname = High",
        " - job = web",
        " - zone = <eu>",
        "Annotations:",
        " - summary = too much",
        "Source: http://prometheus/graph?a=1&b=2",
        "",
      ].join("\n"),
    );
  });

  test.each([
    [["info", "critical"], "High"],
    [["info", "warning"], "Medium"],
    [["info"], "Low"],
    [["page"], ""],
  ])("the priority in Jira of %j", (severities, expected) => {
    const alerts = severities.map((severity) => ({ ...FIRING, labels: { severity } }));
    expect(expand('{{ template "jira.default.priority" . }}', { alerts })).toBe(expected);
  });

  test("a user's file replaces what it defines, everywhere", () => {
    const files = [{ name: "my.tmpl", text: '{{ define "__subject" }}mine{{ end }}' }];
    expect(expand('{{ template "slack.default.title" . }}', {}, files)).toBe("mine");
  });
});
