import { Labels } from "@monotreme/model";
import { describe, expect, test } from "vitest";
import type { ActiveAlert } from "../evaluation/active-alert.ts";
import { RuleGroup } from "../evaluation/rule-group.ts";
import { createRulerFixture, definitionsOf } from "../ruler-fixture.ts";
import { rulesParts } from "./answer-questions.ts";
import { describeGroup, exponentText, timeText } from "./describe-group.ts";

const RULES = `groups:
- name: g
  labels: {team: x}
  rules:
  - {record: r, expr: sum(up)by(job)}
  - {alert: A, expr: up == 0, for: 90s, keep_firing_for: 5m, labels: {severity: page}}
`;

const TENANT = { tenant: "anonymous" };

async function groupOf(text: string): Promise<RuleGroup> {
  const { createParts, metrics, logger } = await createRulerFixture();
  const [definition] = definitionsOf(text);
  if (definition === undefined) throw new Error("no group");
  const meter = metrics.groupMeter(definition);
  return new RuleGroup(definition, {
    ...createParts(definition).options,
    deliver: async () => undefined,
    meter,
    logger,
  });
}

function alertOf(instance: string, state: ActiveAlert["state"]): ActiveAlert {
  return {
    labels: Labels.fromObject({ alertname: "A", instance }),
    annotations: Labels.EMPTY,
    state,
    value: 0,
    activeAtMs: 1_000_000,
    firedAtMs: undefined,
    keepFiringSinceMs: state === "firing" ? 2_000_500 : undefined,
    resolvedAtMs: undefined,
    lastSentAtMs: undefined,
  };
}

describe("describe group", () => {
  test("describe group - before the first evaluation nothing is known", async () => {
    const group = await groupOf(RULES);
    expect(describeGroup(group, TENANT)).toMatchObject({
      lastEvaluation: "0001-01-01T00:00:00Z",
      rules: [
        { type: "recording", query: "sum by (job) (up)", health: "unknown", labels: { team: "x" } },
        {
          type: "alerting",
          state: "unknown",
          duration: 90,
          keepFiringFor: 300,
          labels: { team: "x", severity: "page" },
        },
      ],
    });
  });

  test("describe group - resolved alerts are not shown, the worst state counts", async () => {
    const group = await groupOf(RULES);
    const [, entry] = group.rules;
    if (entry?.rule.kind !== "alerting") throw new Error("no alert");
    entry.rule.restore([alertOf("a", "inactive"), alertOf("b", "pending"), alertOf("c", "firing")]);
    const described = describeGroup(group, { ...TENANT, type: "alerting" });
    expect(described?.rules).toMatchObject([
      {
        state: "firing",
        alerts: [
          { state: "pending", activeAt: "1970-01-01T00:16:40Z", value: "0e+00" },
          { state: "firing", keepFiringSince: "1970-01-01T00:33:20.5Z" },
        ],
      },
    ]);
  });

  test("describe group - filters leave rules and groups out", async () => {
    const group = await groupOf(RULES);
    const f = (question: object, count: number): void =>
      expect(describeGroup(group, { ...TENANT, ...question })?.rules.length ?? 0, JSON.stringify(question)).toBe(count);
    f({}, 2);
    f({ type: "recording" }, 1);
    f({ ruleNames: ["A", "other"] }, 1);
    f({ ruleNames: ["other"] }, 0);
    f({ groupNames: ["g"], files: ["/r.yml"] }, 2);
    f({ groupNames: ["h"] }, 0);
    f({ files: ["/s.yml"] }, 0);
    f({ tenant: "other" }, 0);
  });

  test("describe group - many alerts are split into parts that fit a message", async () => {
    const group = await groupOf(RULES);
    const [, entry] = group.rules;
    if (entry?.rule.kind !== "alerting") throw new Error("no alert");
    entry.rule.restore(Array.from({ length: 1200 }, (_, i) => alertOf(`i${i}`, "pending")));
    const parts = rulesParts("one", [group], TENANT);
    expect(parts.map(({ isLast }) => isLast)).toEqual([false, false, false, true]);
    const pieces = parts.flatMap((part) => part.groups.flatMap((each) => each.rules));
    const alerts = pieces.flatMap((rule) => (rule.type === "alerting" ? rule.alerts : []));
    expect(new Set(alerts.map(({ labels }) => labels["instance"])).size).toBe(1200);
    expect(parts.map((part) => part.groups[0]?.continuesRule === true)).toEqual([false, false, true, true]);
  });

  test("describe group - times and values are written as Go writes them", () => {
    const value = (number: number, expected: string): void => expect(exponentText(number)).toBe(expected);
    value(1, "1e+00");
    value(0, "0e+00");
    value(-0, "-0e+00");
    value(123.456, "1.23456e+02");
    value(1e-7, "1e-07");
    value(1e300, "1e+300");
    value(Number.NaN, "NaN");
    value(-Infinity, "-Inf");
    expect(timeText(1_750_000_000_120)).toBe("2025-06-15T15:06:40.12Z");
    expect(timeText(1_750_000_000_000)).toBe("2025-06-15T15:06:40Z");
    expect(timeText(undefined)).toBe("0001-01-01T00:00:00Z");
  });
});
