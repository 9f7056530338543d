import { Labels } from "@monotreme/model";
import { describe, expect, test } from "vitest";
import { createRulerFixture, definitionsOf, type FixtureOptions, metric } from "../ruler-fixture.ts";
import type { GroupMeter } from "./group-meter.ts";
import { RuleGroup } from "./rule-group.ts";

const NO_METER: GroupMeter = {
  ruleStarted: () => undefined,
  ruleEvaluated: () => undefined,
  ruleFailed: () => undefined,
  samplesLost: () => undefined,
  evaluated: () => undefined,
  iteration: () => undefined,
  remove: () => undefined,
};

const NEVER = new AbortController().signal;

async function bench(rules: string, options?: FixtureOptions) {
  const fixture = await createRulerFixture(options);
  const create = (text: string): RuleGroup => {
    const [definition] = definitionsOf(`groups:\n- name: g\n${text}`);
    if (definition === undefined) throw new Error("no group");
    const parts = fixture.createParts(definition);
    const deliver = parts.delivery.deliver.bind(parts.delivery);
    return new RuleGroup(definition, { ...parts.options, deliver, meter: NO_METER, logger: fixture.logger });
  };
  const put = (labels: Record<string, string>, timestampMs: number, value: number): void =>
    fixture.sink.source.append(Labels.fromObject(labels), [{ timestampMs, value }]);
  return { ...fixture, group: create(rules), create, put };
}

describe("rule group", () => {
  test("rule group - a rule sees what the rules before it recorded in this very evaluation", async () => {
    const { group, put, sink } = await bench(`
  rules:
  - {record: a, expr: sum(up)}
  - {record: b, expr: a * 10}
  - {alert: Many, expr: b > 15}
  - {record: c, expr: 'count(ALERTS{alertname="Many"})'}
`);
    put(metric("up", { instance: "1" }), 1000, 1);
    put(metric("up", { instance: "2" }), 1000, 1);
    await group.evaluate(2000, NEVER);
    expect(sink.take()).toEqual([
      "a 2",
      "b 20",
      'ALERTS{alertname="Many", alertstate="firing"} 1',
      'ALERTS_FOR_STATE{alertname="Many"} 2',
      "c 1",
    ]);
  });

  test("rule group - labels of the group and of the rule are set, empty ones removed, the rule's own win", async () => {
    const { group, put, sink, sent } = await bench(
      `
  labels: {team: a, level: group}
  rules:
  - {record: r, expr: up, labels: {level: rule, instance: ""}}
  - {alert: A, expr: "( up)", labels: {level: "{{ $labels.job }}"}, annotations: {text: "{{ $value }} of {{ $externalLabels.dc }}"}}
`,
      { externalLabels: { dc: "x" } },
    );
    put(metric("up", { job: "j", instance: "1" }), 1000, 3);
    await group.evaluate(2000, NEVER);
    expect(sink.take()[0]).toBe('r{job="j", level="rule", team="a"} 3');
    expect(sent[0]?.alerts).toEqual([
      {
        labels: { alertname: "A", instance: "1", job: "j", level: "j", team: "a" },
        annotations: { text: "3 of x" },
        startsAt: "1970-01-01T00:00:02.000Z",
        endsAt: "1970-01-01T00:04:02.000Z",
        generatorURL: "http://ruler/graph?g0.expr=%28up%29&g0.tab=1",
      },
    ]);
  });

  test("rule group - series that vanish are ended, also those of alerts", async () => {
    const { group, put, sink } = await bench(`
  rules:
  - {record: r, expr: up}
  - {alert: A, expr: up, for: 10m}
`);
    put(metric("up", { instance: "1" }), 1000, 1);
    await group.evaluate(2000, NEVER);
    sink.take();
    sink.source.append(Labels.fromObject(metric("up", { instance: "1" })), [{ timestampMs: 3000, value: "stale" }]);
    await group.evaluate(62_000, NEVER);
    expect(sink.take()).toEqual([
      'r{instance="1"} stale',
      'ALERTS{alertname="A", alertstate="pending", instance="1"} stale',
      'ALERTS_FOR_STATE{alertname="A", instance="1"} stale',
    ]);
    await group.evaluate(122_000, NEVER);
    expect(sink.take()).toEqual([]);
  });

  test("rule group - looks at the past and writes into it with a query offset", async () => {
    const { group, put, sink } = await bench("\n  query_offset: 1m\n  rules: [{record: r, expr: up}]\n");
    put(metric("up"), 10_000, 1);
    put(metric("up"), 60_000, 2);
    await group.evaluate(80_000, NEVER);
    expect(sink.written).toEqual([{ series: "r", timestampMs: 20_000, value: 1 }]);
  });

  test("rule group - a rule that fails says why, and the others go on", async () => {
    const { group, put, sink } = await bench(`
  limit: 1
  rules:
  - {record: r, expr: up}
  - {record: same, expr: up, labels: {instance: ""}}
  - {alert: A, expr: up}
  - {record: text, expr: '"x"'}
  - {record: good, expr: "7"}
`);
    for (const instance of ["1", "2"]) put(metric("up", { instance }), 1000, 1);
    await group.evaluate(2000, NEVER);
    expect(group.rules.map(({ health, lastError }) => lastError ?? health)).toEqual([
      "exceeded limit of 1 with 2 series",
      "vector contains metrics with the same labelset after applying rule labels",
      "exceeded limit of 1 with 2 alerts",
      "rule result is not a vector or scalar",
      "ok",
    ]);
    expect(sink.take()).toEqual(["good 7"]);
  });

  test("rule group - a template that fails gives a text that says so", async () => {
    const { group, put, sent } = await bench(`
  rules:
  - {alert: A, expr: up, annotations: {bad: "{{ first (query \\"nothing\\") }}", good: "{{ query \\"up\\" | first | value }}"}}
`);
    put(metric("up"), 1000, 5);
    await group.evaluate(2000, NEVER);
    const [alert] = sent[0]?.alerts ?? [];
    expect(alert?.annotations["bad"]).toMatch(/^<error expanding template: .*>$/);
    expect(alert?.annotations["good"]).toBe("5");
  });

  test("rule group - samples that are not accepted are a fault of the rule, and what vanished is ended later", async () => {
    const { group, put, sink } = await bench("\n  rules: [{record: r, expr: up}]\n");
    put(metric("up", { instance: "1" }), 1000, 1);
    await group.evaluate(2000, NEVER);
    sink.source.append(Labels.fromObject(metric("up", { instance: "1" })), [{ timestampMs: 3000, value: "stale" }]);
    sink.fault = new Error("NATS is away");
    await group.evaluate(62_000, NEVER);
    expect(group.rules[0]).toMatchObject({ health: "err", lastError: "NATS is away" });
    sink.fault = undefined;
    sink.take();
    await group.evaluate(122_000, NEVER);
    expect(group.rules[0]?.health).toBe("ok");
    expect(sink.take()).toEqual(['r{instance="1"} stale']);
  });

  test("rule group - alerts are resent after a minute, and again when the stream did not take them", async () => {
    const { group, put, sent, control } = await bench("\n  interval: 20s\n  rules: [{alert: A, expr: up == 0}]\n");
    const evaluate = async (tsMs: number, value: number): Promise<number> => {
      put(metric("up"), tsMs, value);
      sent.length = 0;
      await group.evaluate(tsMs, NEVER);
      return sent.length;
    };
    expect(await evaluate(0, 0)).toBe(1);
    expect(await evaluate(20_000, 0)).toBe(0);
    expect(await evaluate(60_000, 0)).toBe(0);
    expect(await evaluate(80_000, 0)).toBe(1);
    control.publishFault = new Error("away");
    expect(await evaluate(160_000, 0)).toBe(0);
    control.publishFault = undefined;
    expect(await evaluate(180_000, 0)).toBe(1);
    expect(await evaluate(200_000, 1)).toBe(1);
    expect(sent[0]?.alerts[0]).toMatchObject({
      startsAt: "1970-01-01T00:00:00.000Z",
      endsAt: "1970-01-01T00:03:20.000Z",
    });
    expect(await evaluate(220_000, 1)).toBe(0);
    expect(await evaluate(280_000, 1)).toBe(1);
  });

  test("rule group - independent rules at one time give what one after the other gives", async () => {
    const rules = `
  rules:
  - {record: a, expr: sum(up)}
  - {record: x, expr: count(up)}
  - {record: b, expr: a + x}
  - {record: c, expr: max(b)}
`;
    const { group, put, sink } = await bench(rules, { features: "concurrent-rule-eval" });
    put(metric("up", { instance: "1" }), 1000, 4);
    await group.evaluate(2000, NEVER);
    expect(sink.take().toSorted()).toEqual(["a 4", "b 5", "c 5", "x 1"]);
  });

  test("rule group - a reload keeps alerts and ends the series of rules that are gone", async () => {
    const { group, create, put, sink, sent } = await bench(`
  rules:
  - {record: gone, expr: up}
  - {alert: A, expr: up, for: 1m}
`);
    put(metric("up"), 1000, 1);
    await group.evaluate(2000, NEVER);
    sink.take();
    const next = create(`
  rules:
  - {alert: A, expr: up > 0, for: 1m}
`);
    next.copyState(group);
    await next.evaluate(62_000, NEVER);
    expect(sink.take()).toEqual([
      'ALERTS{alertname="A", alertstate="firing"} 1',
      'ALERTS_FOR_STATE{alertname="A"} 2',
      'ALERTS{alertname="A", alertstate="pending"} stale',
      "gone stale",
    ]);
    expect(sent).toHaveLength(1);
  });
});
