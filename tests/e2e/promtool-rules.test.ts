import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { messageOf } from "@monotreme/errors";
import { checkRuleTemplate } from "@monotreme/go-template";
import { parseRuleFile } from "@monotreme/rules";
import { createTemporaryFolder } from "@monotreme/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let files = 0;

beforeAll(async () => {
  folder = await createTemporaryFolder("rules");
});
afterAll(async () => folder.remove());

/** What promtool says against a file; undefined where it takes it. */
async function promtoolFault(text: string): Promise<string | undefined> {
  const path = join(folder.path, `${++files}.yml`);
  await writeFile(path, text);
  try {
    await run("promtool", ["check", "rules", "--lint=none", path]);
    return undefined;
  } catch (error) {
    const { stderr } = error instanceof Error && "stderr" in error ? error : { stderr: messageOf(error) };
    return String(stderr);
  }
}

function ownFault(text: string): string | undefined {
  try {
    parseRuleFile(
      { fileName: "r.yml", text },
      { checkTemplate: (name, each) => checkRuleTemplate(`__alert_${name}`, each) },
    );
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function group(rule: string): string {
  return `groups:\n- name: g\n  rules:\n  - ${rule}\n`;
}

function annotation(text: string): string {
  return group(`{alert: a, expr: up, annotations: {text: ${JSON.stringify(text)}}}`);
}

const VALID: readonly string[] = [
  "",
  "# nothing\n",
  "groups:\n",
  "groups: []\n",
  "groups:\n- name: g\n",
  "groups:\n- name: g\n  rules:\n",
  "groups:\n- name: g\n  interval: 0s\n",
  "groups:\n- name: g\n  interval: 1h30m\n  limit: 10\n",
  "groups:\n- name: g\n  limit: -1\n",
  "groups:\n- name: 5\n",
  "groups:\n- {name: a}\n- {name: b}\n",
  group("{record: a, expr: up}"),
  group("{record: a, expr: 1}"),
  group("{record: 'a:b:c', expr: 'sum by (job) (rate(x[5m]))', labels: {a: b, c: ''}}"),
  group("{record: a, expr: up, for: 0s}"),
  group("{record: a, expr: up, annotations: {}}"),
  group("{record: a, expr: up, labels: {a: null}}"),
  group("{record: a, expr: up, labels: {a: 1, b: true, c: 1.5}}"),
  group("{alert: any name at all, expr: up == 0, for: 5m, keep_firing_for: 1d}"),
  group("{alert: a, expr: 'absent(up{job=\"x\"} offset 5m) or on () vector(1)'}"),
  group("{alert: a, expr: up, record: ''}"),
  group("{alert: a, expr: |-\n      up\n      }").replace("|-\n      up\n      }", "'up'}"),
  `${group("{record: a, expr: up}")}---\nnothing: of interest\n`,
  "groups:\n- name: g\n  rules:\n  - &r {record: a, expr: up}\n  - {<<: *r, record: b}\n",
  annotation("plain"),
  annotation(
    "{{ $labels.instance }} has {{ $value | humanize }} of {{ .Value }} {{ $externalLabels.a }} {{ $externalURL }}",
  ),
  annotation('{{ range query "up" }}{{ .Labels.job }}={{ .Value }} {{ end }}'),
  annotation('{{ with query "up" }}{{ . | first | value | humanizePercentage }}{{ else }}-{{ end }}'),
  annotation('{{ define "x" }}y{{ end }}{{ template "x" }}'),
  annotation('{{ if eq $labels.a "b" }}x{{ else if gt $value 5.0 }}y{{ end }}'),
  annotation('{{- /* comment */ -}} {{ printf "%.2f" $value }}'),
  annotation("}} {"),
];

const INVALID: readonly string[] = [
  "groups: 5\n",
  "- a\n",
  "text\n",
  "groups:\n- 5\n",
  "groups:\n- name:\n",
  "groups:\n- {name: a}\n- {name: a}\n",
  "groups:\n- name: a\n  nonsense: 1\n",
  "rules: []\n",
  "groups: [\n",
  "groups:\n- name: a\n  name: b\n",
  "groups:\n- name: a\n  interval: 5\n",
  "groups:\n- name: a\n  interval: -5s\n",
  "groups:\n- name: a\n  interval: 1.5h\n",
  "groups:\n- name: a\n  interval: ''\n",
  "groups:\n- name: a\n  limit: many\n",
  "groups:\n- name: a\n  rules: {}\n",
  "groups:\n- name: a\n  rules: [x]\n",
  group("{}"),
  group("{expr: up}"),
  group("{record: a}"),
  group("{record: a, expr: ''}"),
  group("{record: a, alert: b, expr: up}"),
  group("{record: a, expr: 'up ='}"),
  group("{record: a, expr: 'sum(up'}"),
  group("{record: a, expr: 'rate(up)'}"),
  group("{record: a, expr: 'nofunction(up)'}"),
  group("{record: a, expr: 'up{job=~\"(\"}'}"),
  group("{record: a, expr: up, for: 1m}"),
  group("{record: a, expr: up, keep_firing_for: 1m}"),
  group("{record: a, expr: up, annotations: {a: b}}"),
  group("{record: 'a{b=\"c\"}', expr: up}"),
  group("{record: a, expr: up, labels: {__name__: b}}"),
  group("{record: a, expr: up, labels: []}"),
  group("{record: a, expr: up, extra: 1}"),
  group("{alert: a, expr: up, for: soon}"),
  group("{alert: a, expr: up, for: 5}"),
  group("{alert: a, expr: up, labels: {a: '{{ $labels.x }'}}"),
  annotation("{{ $labels.x "),
  annotation("{{ nofunction 1 }}"),
  annotation("{{ $nothing }}"),
  annotation("{{ if }}x{{ end }}"),
  annotation('{{ range query "up" }}'),
  annotation("{{ end }}"),
  annotation('{{ "unclosed }}'),
  annotation("{{ template }}"),
  annotation("{{ 1 | 2 }}"),
];

test.each(VALID)("rule files - valid for promtool and for us: %j", async (text) => {
  expect(await promtoolFault(text)).toBeUndefined();
  expect(ownFault(text)).toBeUndefined();
});

test.each(INVALID)("rule files - invalid for promtool and for us: %j", async (text) => {
  expect(await promtoolFault(text)).toBeDefined();
  expect(ownFault(text)).toMatch(/^r\.yml:\d+:\d+: \S|^\d+ faults:\nr\.yml:\d+:\d+: \S/);
});

test.each([
  group("{expr: up}"),
  group("{record: a, alert: b, expr: up}"),
  group("{record: a}"),
  group("{record: a, expr: up, for: 1m}"),
  group("{record: a, expr: up, annotations: {a: b}}"),
  group("{alert: a, expr: up, labels: {a: '{{ $labels.x }'}}"),
  annotation("{{ nofunction 1 }}"),
  annotation("{{ $nothing }}"),
  "groups:\n- {name: a}\n- {name: a}\n",
])("rule files - the reason is promtool's: %j", async (text) => {
  // After the place; promtool 2.42 gives it as line and column too, or not at all.
  const reason = /: (?:group "g", rule \d+, "[^"]*": |groupname: )?([^\n]*)$/.exec(ownFault(text) ?? "")?.[1] ?? "?";
  expect(await promtoolFault(text)).toContain(reason);
});
