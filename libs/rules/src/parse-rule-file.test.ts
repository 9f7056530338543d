import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { duplicateRules, parseRuleData, parseRuleFile, parseRuleGroup } from "./parse-rule-file.ts";
import { printRuleGroup } from "./print-rule-group.ts";
import { RuleFileError } from "./rule-file-error.ts";
import type { RuleGroupConfig } from "./rule-group.ts";

/** Stands in for the template parser: only what must not occur. */
function checkTemplate(_name: string, text: string): void {
  if (text.includes("{{ bad")) throw new Error("template: bad");
}

function read(text: string): readonly RuleGroupConfig[] {
  return parseRuleFile({ fileName: "r.yml", text }, { checkTemplate });
}

function faultsOf(text: string): readonly string[] {
  try {
    read(text);
  } catch (error) {
    if (error instanceof RuleFileError) return error.faults;
    throw error;
  }
  return [];
}

/** A file of one group with these rules. */
function group(...rules: readonly string[]): string {
  return `groups:\n- name: g\n  rules:\n${rules.map((rule) => `  - {${rule}}\n`).join("")}`;
}

describe("rule file", () => {
  test("rule file - everything that a group can say is read", () => {
    const text = `
groups:
- name: g
  interval: 30s
  query_offset: 1m
  limit: 5
  labels: {team: a, x: group}
  rules:
  - record: job:up:sum
    expr: sum by (job) (up)
    labels: {x: own}
  - alert: Down
    expr: up == 0
    for: 5m
    keep_firing_for: 10m
    labels: {severity: page}
    annotations: {summary: "{{ $labels.job }} is down"}
`;
    const [first] = read(text);
    expect(first).toMatchObject({
      name: "g",
      intervalMs: 30_000,
      queryOffsetMs: 60_000,
      limit: 5,
      labels: { team: "a", x: "group" },
      rules: [
        { kind: "recording", name: "job:up:sum", expr: "sum by (job) (up)", labels: { x: "own" } },
        {
          kind: "alerting",
          name: "Down",
          forMs: 300_000,
          keepFiringForMs: 600_000,
          labels: { severity: "page" },
          annotations: { summary: "{{ $labels.job }} is down" },
        },
      ],
    });
  });

  test("rule file - what is valid has no faults", () => {
    const f = (text: string, groups: number): void => expect(read(text), text).toHaveLength(groups);
    f("", 0);
    f("groups:\n", 0);
    f("# only a comment\n", 0);
    f(group("record: a, expr: up"), 1);
    f(group("record: a, expr: 1"), 1);
    f(group("record: a, expr: up, for: 0s"), 1);
    f(group("record: a.b/c, expr: up"), 1);
    f(`${group("record: a, expr: up")}---\ngroups: 5\n`, 1);
    f("groups:\n- name: empty\n", 1);
    f("groups:\n- name: g\n  interval: 0s\n  limit: -1\n", 1);
    f(group("alert: a, expr: up, labels: {a: null}, annotations: {b: ''}"), 1);
  });

  test("rule file - each fault has its place and reason", () => {
    const f = (text: string, ...faults: readonly string[]): void => expect(faultsOf(text), text).toEqual(faults);
    f("groups:\n- name: a\n- name: a\n", 'r.yml:3:3: groupname: "a" is repeated in the same file');
    f("groups:\n- rules: []\n", "r.yml:2:3: Groupname must not be empty");
    f(group("expr: up"), `r.yml:4:5: group "g", rule 1, "": one of 'record' or 'alert' must be set`);
    f(
      group("record: a, alert: b, expr: up"),
      `r.yml:4:5: group "g", rule 1, "a": only one of 'record' and 'alert' must be set`,
    );
    f(group("record: a"), `r.yml:4:5: group "g", rule 1, "a": field 'expr' must be set in rule`);
    f(
      group("record: a, expr: up", "alert: b, expr: 'up ='"),
      'r.yml:5:22: group "g", rule 2, "b": could not parse expression: 1:4: parse error: unexpected "="',
    );
    f(
      group("record: 'a{b=1}', expr: up"),
      `r.yml:4:14: group "g", rule 1, "a{b=1}": braces present in the recording rule name; should it be in expr?: a{b=1}`,
    );
    f(
      group("record: a, expr: up, for: 1m, keep_firing_for: 1m, annotations: {x: y}"),
      `r.yml:4:5: group "g", rule 1, "a": invalid field 'annotations' in recording rule`,
      `r.yml:4:5: group "g", rule 1, "a": invalid field 'for' in recording rule`,
      `r.yml:4:5: group "g", rule 1, "a": invalid field 'keep_firing_for' in recording rule`,
    );
    f(
      group("alert: a, expr: up, labels: {__name__: x}"),
      `r.yml:4:34: group "g", rule 1, "a": invalid label name: __name__`,
    );
    f(
      group("alert: a, expr: up, annotations: {s: '{{ bad'}"),
      `r.yml:4:39: group "g", rule 1, "a": annotation "s": template: bad`,
    );
  });

  test("rule file - what is no rule file is refused", () => {
    const f = (text: string): void => expect(faultsOf(text), text).not.toEqual([]);
    f("groups: 5\n");
    f("group: []\n");
    f("- a\n");
    f("groups:\n- name: a\n  name: b\n");
    f(group("record: a, expr: up, nonsense: 1"));
    f(group("alert: a, expr: up, for: 5"));
    f(group("alert: a, expr: up, for: ''"));
    f("groups:\n- name: a\n  interval: soon\n");
    f("groups:\n- name: a\n  limit: many\n");
    f("groups:\n-\n");
    f("groups: [\n");
  });

  test("rule file - a group that is printed reads back as the same", () => {
    const [first] = read(`groups:
- name: g
  interval: 90s
  query_offset: 0s
  limit: 3
  labels: {a: "yes", b: "1"}
  rules:
  - {record: "x:y", expr: "sum(up)\\n/ 2", labels: {c: "{{ $value }}"}}
  - {alert: Z, expr: up, for: 1h30m, keep_firing_for: 5m, labels: {d: "null"}, annotations: {e: "a: b"}}
`);
    if (first === undefined) throw new Error("no group");
    expect(parseRuleGroup({ fileName: "x", text: printRuleGroup(first) }, { checkTemplate })).toEqual(first);
  });

  test("rule file - duplicates have the same name and labels", () => {
    const found = duplicateRules(
      read(group("record: a, expr: up", "record: a, expr: up, labels: {b: c}", "record: a, expr: down")),
    );
    expect(found).toEqual([expect.objectContaining({ name: "a", labels: {} })]);
  });
});

describe("rule data", () => {
  test("rule data - gives the same groups as its JSON in a file", () => {
    const texts = fc.dictionary(fc.string({ unit: "binary", minLength: 1 }), fc.string({ unit: "binary" }));
    const rule = fc.record({ alert: fc.string({ minLength: 1 }), expr: fc.constantFrom("up", 5), labels: texts });
    const group = fc.record(
      {
        name: fc.string({ minLength: 1 }),
        interval: fc.constantFrom("5m", null),
        limit: fc.nat(),
        rules: fc.array(rule),
      },
      { requiredKeys: ["name"] },
    );
    fc.assert(
      fc.property(fc.uniqueArray(group, { selector: ({ name }) => name }), (groups) => {
        // Merge keys and names of their own kind are the file's matter.
        fc.pre(!JSON.stringify(groups).includes('"<<"') && !JSON.stringify(groups).includes('"__name__"'));
        const options = { checkTemplate: () => undefined };
        const fromText = parseRuleFile({ fileName: "r", text: JSON.stringify({ groups }) }, options);
        expect(parseRuleData({ name: "r", data: { groups } }, options)).toEqual(fromText);
      }),
      { numRuns: 40 },
    );
  });

  test("rule data - faults name the place in it", () => {
    const data = {
      groups: [
        { name: "g", rules: [{ alert: "A", expr: "sum(", for: "5m" }] },
        { name: "g", "x y": 1 },
      ],
    };
    expect(() => parseRuleData({ name: "o", data }, { checkTemplate })).toThrow(
      /^o: groups\[1\]\["x y"\]: field x y not found in a rule group/,
    );
    expect(() => parseRuleData({ name: "o", data: [] }, { checkTemplate })).toThrow(
      "o: expected a mapping for a rule file, found a list",
    );
  });

  test("rule data - nested deeper than any rules are is a fault", () => {
    const data: unknown = JSON.parse(`{"groups":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
    expect(() => parseRuleData({ name: "o", data }, { checkTemplate })).toThrow("o: nested too deeply");
  });
});
