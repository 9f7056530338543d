import { RuleFileError } from "@monotreme/rules";
import { describe, expect, test } from "vitest";
import { ruleReading } from "../groups/check-rule-file.ts";
import { fileOfObject, groupsOfObject, readRuleObject } from "./rule-object.ts";

const READING = ruleReading("");

function objectWith(spec: unknown, metadata: object = {}) {
  return readRuleObject({ metadata: { namespace: "shop", name: "web", uid: "u", ...metadata }, spec });
}

function groupsOf(groups: unknown) {
  return groupsOfObject(objectWith({ groups }), READING);
}

function faultsOf(spec: unknown, metadata: object = {}): readonly string[] {
  try {
    groupsOfObject(objectWith(spec, metadata), READING);
  } catch (error) {
    if (error instanceof RuleFileError) return error.faults;
    throw error;
  }
  return [];
}

/** An object whose only rule has these fields. */
function ruleWith(fields: object): object {
  return { groups: [{ name: "g", rules: [fields] }] };
}

describe("rule object", () => {
  test("rule object - everything that a group can say is read; what only operators act on is passed over", () => {
    const groups = groupsOf([
      {
        name: "g",
        interval: "30s",
        limit: 5,
        query_offset: "1m",
        labels: { team: "a" },
        partial_response_strategy: "warn",
        rules: [
          { record: "job:up:sum", expr: "sum by (job) (up)", labels: { x: "own" } },
          {
            alert: "Down",
            expr: "up == 0",
            for: "5m",
            keep_firing_for: "10m",
            labels: { severity: "page", partial_response_strategy: "kept" },
            annotations: { summary: "{{ $labels.job }} is down" },
          },
        ],
      },
    ]);
    expect(groups).toMatchObject([
      {
        name: "g",
        intervalMs: 30_000,
        limit: 5,
        queryOffsetMs: 60_000,
        labels: { team: "a" },
        rules: [
          { kind: "recording", name: "job:up:sum", expr: "sum by (job) (up)", labels: { x: "own" } },
          {
            kind: "alerting",
            name: "Down",
            forMs: 300_000,
            keepFiringForMs: 600_000,
            labels: { severity: "page", partial_response_strategy: "kept" },
            annotations: { summary: "{{ $labels.job }} is down" },
          },
        ],
      },
    ]);
  });

  test("rule object - an expression may be a number, as its definition says", () => {
    const [group] = groupsOf([{ name: "g", rules: [{ record: "answer", expr: 42 }] }]);
    expect(group?.rules[0]?.expr).toBe("42");
  });

  test("rule object - is shown under namespace and name", () => {
    expect(fileOfObject(objectWith({}))).toBe("shop/web");
  });

  test.each([[undefined], [null], [{}], [{ groups: null }], [{ groups: [] }]])(
    "rule object - without groups (%j) has no rules and no fault",
    (spec) => {
      expect(groupsOfObject(objectWith(spec), READING)).toEqual([]);
    },
  );

  test.each([
    ["spec", "all rules", 'shop/web: expected a mapping for a rule file, found "all rules"'],
    ["groups", { groups: { g: [] } }, "shop/web: groups: expected a list of rule groups, found a mapping"],
    ["a group", { groups: [7] }, 'shop/web: groups[0]: expected a mapping for a rule group, found "7"'],
    [
      "rules",
      { groups: [{ name: "g", rules: "x" }] },
      'shop/web: groups[0].rules: expected a list of rules, found "x"',
    ],
    ["labels", ruleWith({ record: "r", expr: "up", labels: ["a"] }), "shop/web: groups[0].rules[0].labels: expected a"],
    ["a label", ruleWith({ record: "r", expr: "up", labels: { a: {} } }), "shop/web: groups[0].rules[0].labels.a: "],
    ["for", ruleWith({ alert: "A", expr: "up", for: 300 }), "shop/web: groups[0].rules[0].for: expected a duration"],
    [
      "an unknown field",
      ruleWith({ alert: "A", expr: "up", fore: "5m" }),
      "shop/web: groups[0].rules[0].fore: field fore",
    ],
    ["an expression", ruleWith({ record: "r", expr: "sum(" }), 'shop/web: groups[0].rules[0].expr: group "g", rule 1'],
    ["a template", ruleWith({ alert: "A", expr: "up", annotations: { a: "{{ end" } }), "shop/web: groups[0].rules[0]"],
    ["a nameless group", { groups: [{ rules: [] }] }, "shop/web: groups[0]: Groupname must not be empty"],
    ["two groups of one name", { groups: [{ name: "g" }, { name: "g" }] }, 'shop/web: groups[1]: groupname: "g" is'],
  ])("rule object - a fault in %s is told with its place", (_what, spec, start) => {
    const faults = faultsOf(spec);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.slice(0, start.length)).toBe(start);
  });

  test("rule object - every fault is told, not only the first", () => {
    expect(faultsOf({ groups: [{ name: "g", rules: [{ alert: "A" }, { expr: "up" }] }] })).toHaveLength(2);
  });

  test("rule object - names of groups and labels may hold anything that a rule file's may", () => {
    const name = "a\u0000b\n\u2028\ud800 /";
    const [group] = groupsOf([{ name, rules: [{ alert: "A", expr: "up", labels: JSON.parse('{"__proto__":"x"}') }] }]);
    expect(group?.name).toBe(name);
    expect(Object.entries(group?.rules[0]?.labels ?? {})).toEqual([["__proto__", "x"]]);
  });

  test.each([
    ["a slash", { name: "a/b" }],
    ["dots only", { name: ".." }],
    ["a control character", { namespace: "a\n" }],
    ["nothing", { name: "" }],
    ["a number", { name: 5 }],
    ["254 letters", { name: "a".repeat(254) }],
  ])("rule object - a name that Kubernetes would not give (%s) is a fault", (_what, metadata) => {
    const [fault] = faultsOf({}, metadata);
    expect(fault).toMatch(/not a namespace and name of Kubernetes$/);
    expect(fault).not.toContain("\n");
  });

  test("rule object - rules of 10 MB are neither kept nor read", () => {
    const object = objectWith(ruleWith({ alert: "A", expr: "up", annotations: { a: "x".repeat(10 * 2 ** 20) } }));
    expect(object.spec).toBeUndefined();
    expect(() => groupsOfObject(object, READING)).toThrow(/^shop\/web: \d+ bytes of rules, more than 2097152$/);
  });

  test.each([50, 5000, 200_000])("rule object - rules nested %i deep are a fault and nothing worse", (depth) => {
    const nested: unknown = JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);
    expect(faultsOf({ groups: [{ name: "g", rules: nested }] })).toEqual(["shop/web: nested too deeply"]);
  });
});
