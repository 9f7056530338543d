import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expandRuleTemplate } from "@monotreme/go-template";
import { findFreePort } from "@monotreme/standalone";
import {
  createTemporaryFolder,
  eventually,
  startProgram,
  type TemporaryFolder,
  type TestProgram,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const VALUES = [
  0,
  1,
  -1,
  12.5,
  0.001234,
  1e-10,
  999.999,
  1000,
  1234.5,
  123456789,
  -98765.4321,
  1e15,
  1.5e21,
  1.5e30,
  59.9,
  61,
  3599,
  3600,
  86399,
  86400,
  1e6,
  -3723.5,
  1435065584.128,
  "NaN",
  "+Inf",
  "-Inf",
];

const OF_A_VALUE = [
  "{{ $value }}",
  "{{ humanize $value }}",
  "{{ humanize1024 $value }}",
  "{{ humanizeDuration $value }}",
  "{{ humanizePercentage $value }}",
  "{{ humanizeTimestamp $value }}",
  '{{ printf "%.2f" $value }}',
  '{{ printf "%g|%e|%v|%8.3f" $value $value $value $value }}',
  "{{ if gt $value 10.0 }}high{{ else }}low{{ end }}",
];

const OTHERS = [
  "{{ $labels.instance }} {{ .Labels.instance }} {{ $labels.nothing }}",
  "{{ $labels }}",
  "{{ $externalLabels.region }} {{ $externalURL }}",
  '{{ "ab cD eF" | title }} {{ toUpper "äb" }} {{ toLower "ÄB" }}',
  '{{ match "a.*" "xabc" }} {{ reReplaceAll "(.)b" "$1-" "abab" }}',
  '{{ stripPort "host:80" }} {{ stripPort "[::1]:80" }} {{ stripDomain "a.b.c:99" }} {{ stripDomain "10.0.0.1:9" }}',
  '{{ graphLink "up{job=\\"a b\\"}" }} {{ tableLink "rate(x[5m])" }}',
  '{{ "a&b<c>" | safeHtml }} {{ html "<a>" }} {{ urlquery "a b&c" }}',
  '{{ query "vector(3)" | first | value }} {{ query "label_replace(vector(1), \\"a\\", \\"b\\", \\"\\", \\"\\")" | first | label "a" }}',
  '{{ range query "vector(5)" }}[{{ .Value }} {{ .Labels }}]{{ end }}',
  '{{ with query "vector(1) > 2" }}some{{ else }}none{{ end }}',
  '{{ humanize "1234567" }} {{ humanizeDuration "90061.5" }} {{ humanizePercentage "0.1234567" }}',
  '{{ parseDuration "1h30m" }} {{ toTime 1435065584.128 }}',
  "{{ .Value | printf `%.1f` }} {{ pathPrefix }} {{ externalURL }}",
  '{{ define "x" }}<{{ . }}>{{ end }}{{ template "x" $labels.job }}',
  '{{ range $i, $x := args 1 "b" 3.5 }}{{ end }}{{ len $labels }} {{ index $labels "job" }}',
  "{{ first (query `vector(1) > 2`) }}",
  '{{ sortByLabel "a" (query "vector(1)") | len }}',
  '{{ strvalue (first (query "vector(1)")) }}',
  '{{ printf "%d" $value }} {{ len 3 }}',
];

interface Case {
  readonly value: number | string;
  readonly text: string;
}

const CASES: readonly Case[] = [
  ...VALUES.flatMap((value) => OF_A_VALUE.map((text) => ({ value, text }))),
  ...OTHERS.map((text) => ({ value: 42.5, text })),
];

function alertName(i: number): string {
  return `Case${i}`;
}

describe("templates of rules, beside Debian's Prometheus", () => {
  let folder: TemporaryFolder;
  let prometheus: TestProgram;
  let url: string;

  beforeAll(async () => {
    folder = await createTemporaryFolder("rule-templates");
    const rules = CASES.map(({ value, text }, i) => ({
      alert: alertName(i),
      expr: `label_replace(label_replace(vector(${value}), "instance", "host:9100", "", ""), "job", "node", "", "")`,
      annotations: { text },
    }));
    await writeFile(join(folder.path, "rules.yml"), JSON.stringify({ groups: [{ name: "g", interval: "1s", rules }] }));
    const config = { global: { external_labels: { region: "north" } }, rule_files: ["rules.yml"], scrape_configs: [] };
    await writeFile(join(folder.path, "prometheus.yml"), JSON.stringify(config));
    const address = `127.0.0.1:${await findFreePort()}`;
    url = `http://${address}`;
    const args = [
      `--config.file=${join(folder.path, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder.path, "data")}`,
      `--web.listen-address=${address}`,
      "--web.external-url=http://example.org/prom",
      "--web.route-prefix=/",
    ];
    prometheus = await startProgram("prometheus", args, { readyPattern: /ready to receive web requests/ });
  });

  afterAll(async () => {
    await prometheus?.stop();
    await folder?.remove();
  });

  test("rule templates - every annotation has the same text", async () => {
    const theirs = new Map<string, string>();
    await eventually(
      async () => {
        const { data } = (await (await fetch(`${url}/api/v1/alerts`)).json()) as {
          data: { alerts: { labels: { alertname: string }; annotations: { text: string } }[] };
        };
        for (const { labels, annotations } of data.alerts) theirs.set(labels.alertname, annotations.text);
        return theirs.size === CASES.length;
      },
      { timeoutMs: 30_000 },
    );
    const differences: object[] = [];
    for (const [i, { value, text }] of CASES.entries()) {
      const expected = theirs.get(alertName(i));
      if (expected === undefined || isOverflow(value, text)) continue;
      const got = await expand(alertName(i), text, Number(String(value).replace("Inf", "Infinity")));
      if (got !== expected) differences.push({ value, text, expected, got });
    }
    expect(differences).toEqual([]);
  });
});

/** Durations beyond 64 bits come out of the original as whatever its conversion left. */
function isOverflow(value: number | string, text: string): boolean {
  return text.includes("humanizeDuration") && typeof value === "number" && value > 2 ** 63;
}

async function expand(name: string, text: string, value: number): Promise<string> {
  return expandRuleTemplate({
    name: `__alert_${name}`,
    text,
    value,
    labels: { instance: "host:9100", job: "node" },
    externalLabels: { region: "north" },
    externalUrl: "http://example.org/prom",
    nowMs: Date.now(),
    query: async (expression) => {
      if (expression === "vector(3)") return [{ labels: {}, value: 3 }];
      if (expression === "vector(5)") return [{ labels: {}, value: 5 }];
      if (expression === "vector(1)") return [{ labels: {}, value: 1 }];
      if (expression.startsWith("label_replace")) return [{ labels: { a: "b" }, value: 1 }];
      return [];
    },
  });
}
