import { expect, test } from "vitest";
import { checkRuleTemplate, expandRuleTemplate } from "./expand-rule-template.ts";

const queries: string[] = [];

function expand(text: string, value: number | string = 12_345.678): Promise<string> {
  queries.length = 0;
  return expandRuleTemplate({
    name: "__alert_X",
    text,
    labels: { instance: "web:80", job: "api" },
    externalLabels: { region: "eu" },
    externalUrl: "http://prom.example/base",
    value,
    nowMs: 1_700_000_000_500,
    query: async (expression) => {
      queries.push(expression);
      if (expression === "bad") throw new Error("bad query");
      if (expression === "none") return [];
      return [
        { labels: { a: "2", __value__: "text" }, value: 0.5 },
        { labels: { a: "1" }, value: 7 },
      ];
    },
  });
}

test.each([
  ["no template at all", "no template at all"],
  ["{{ $labels.instance }} {{ $value }} {{ .Value }}", "web:80 12345.678 12345.678"],
  ["{{ $labels.missing }}|{{ $externalLabels.region }}|{{ $externalURL }}", "|eu|http://prom.example/base"],
  ["{{ $value | humanize }} {{ humanize 0.0012 }} {{ humanize 0 }} {{ humanize 1e9 }}", "12.35k 1.2m 0 1G"],
  ["{{ humanize1024 1048576.0 }} {{ humanize1024 100 }}", "1Mi 100"],
  [
    "{{ humanizeDuration 93784.5 }} {{ humanizeDuration 0.0012 }} {{ humanizeDuration -61 }}",
    "1d 2h 3m 4s 1.2ms -1m 1s",
  ],
  ["{{ humanizePercentage 0.1234567 }} {{ humanizeTimestamp 1700000000.5 }}", "12.35% 2023-11-14 22:13:20.5 +0000 UTC"],
  [
    '{{ humanize "x" }}',
    '<error expanding template: error executing template __alert_X: template: __alert_X:1:115: executing "__alert_X" at <humanize "x">: error calling humanize: strconv.ParseFloat: parsing "x": invalid syntax>',
  ],
  [
    '{{ (toTime 1700000000).Year }} {{ toDuration 90 }} {{ parseDuration "1h30m" }} {{ now }}',
    "2023 1m30s 5400 1.7000000005e+09",
  ],
  [
    '{{ stripPort "a.b:80" }} {{ stripDomain "a.b.c:80" }} {{ stripDomain "10.0.0.1:80" }} {{ stripPort "[::1]:9" }}',
    "a.b a:80 10.0.0.1:80 ::1",
  ],
  ['{{ graphLink "up == 0" }} {{ tableLink "a" }}', "/graph?g0.expr=up+%3D%3D+0&g0.tab=0 /graph?g0.expr=a&g0.tab=1"],
  ['{{ pathPrefix }} {{ externalURL }} {{ title "aa bB" }}', "/base http://prom.example/base Aa BB"],
  ['{{ with args 1 "b" }}{{ .arg0 }}{{ .arg1 }}{{ end }}', "1b"],
  ['{{ define "d" }}<{{ . }}>{{ end }}{{ tmpl "d" "x" }}', "<x>"],
] as const)("rule template - %s", async (text, wanted) => {
  expect(await expand(text)).toBe(wanted);
});

test("rule template - queries are asked once each, and their results reach the template", async () => {
  const text =
    '{{ with query "up" }}{{ . | first | value | humanizePercentage }} {{ . | first | label "a" }}{{ end }} ' +
    '{{ range query "up" | sortByLabel "a" }}{{ .Labels.a }}={{ .Value }} {{ end }}{{ query "other" | first | strvalue }}';
  expect(await expand(text)).toBe("50% 2 1=7 2=0.5 text");
  expect(queries).toEqual(["up", "other"]);
});

test("rule template - a query that fails and a result without samples are named in the text", async () => {
  expect(await expand('{{ query "bad" }}')).toContain("error calling query: bad query>");
  expect(await expand('{{ query "none" | first }}')).toContain("first() called on vector with no elements>");
});

test("rule template - the caller hears of failures", async () => {
  const heard: unknown[] = [];
  const input = { name: "n", labels: {}, externalLabels: {}, externalUrl: "", value: 1, nowMs: 0 };
  const query = () => Promise.resolve([]);
  const text = await expandRuleTemplate({ ...input, text: "{{ .x", query }, (error) => heard.push(error));
  expect(text).toBe("<error expanding template: error parsing template n: template: n:1: unclosed action>");
  expect(heard).toHaveLength(1);
});

test("rule template - check accepts what can be read and names what cannot", () => {
  expect(() => checkRuleTemplate("a", "{{ $labels.x }} {{ query `up` | first | value }}")).not.toThrow();
  expect(() => checkRuleTemplate("a", "{{ $nope }}")).toThrow('template: a:1: undefined variable "$nope"');
  expect(() => checkRuleTemplate("a", "{{ nope }}")).toThrow('template: a:1: function "nope" not defined');
});
