import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bus, connectBus, MessagePuller } from "@monotreme/bus";
import { ALERTS_STREAM, alertsSubject } from "@monotreme/contracts";
import { Labels } from "@monotreme/model";
import { compressSnappy, encodeWriteRequest } from "@monotreme/remote-write";
import { findFreePort } from "@monotreme/standalone";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import {
  askApi,
  createTemporaryFolder,
  eventually,
  queryValue,
  RemoteWriteSender,
  startClickHouse,
  startNats,
  startProgram,
  startStandalone,
  type TemporaryFolder,
  type TestProgram,
  type TestServer,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const MONOTREME = fileURLToPath(new URL("../../tools/monotreme.mjs", import.meta.url));
const INTERVAL_MS = 5000;
const GROUPS = 6;

interface RunningRuler {
  readonly url: string;
  readonly program: TestProgram;
}

interface Rule {
  readonly type: string;
  readonly name: string;
  readonly health: string;
  readonly alerts?: readonly { readonly state: string; readonly activeAt: string }[];
}

interface Group {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly Rule[];
}

const RULES = `groups:
${Array.from({ length: GROUPS }, (_, i) => `- {name: g${i}, rules: [{record: recorded, expr: vector(${i}), labels: {group: g${i}}}]}\n`).join("")}
- name: alerts
  rules:
  - {record: job:test:sum, expr: sum by (job) (test_up)}
  - {alert: Down, expr: job:test:sum == 0, for: 5s, annotations: {text: "{{ $labels.job }} gave {{ $value }}"}}
`;

describe("ruler", () => {
  let clickhouse: TestServer;
  let nats: TestServer;
  let standalone: TestStandalone;
  let folder: TemporaryFolder;
  let bus: Bus;
  let alerts: MessagePuller;
  const sent: { readonly labels: Record<string, string>; readonly startsAt: string }[] = [];
  const rulers: RunningRuler[] = [];

  async function startRuler(): Promise<RunningRuler> {
    const port = await findFreePort();
    const program = await startProgram(
      process.execPath,
      [
        MONOTREME,
        "ruler",
        `--config.file=${join(folder.path, "prometheus.yml")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        `--nats.url=${nats.url}`,
        `--clickhouse.url=${clickhouse.url}`,
        "--rules.lease-ttl=2s",
        "--web.enable-lifecycle",
      ],
      { readyPattern: /msg=ready/ },
    );
    const ruler = { url: `http://127.0.0.1:${port}`, program };
    rulers.push(ruler);
    return ruler;
  }

  async function groups(): Promise<readonly Group[]> {
    return (await askApi<{ groups: readonly Group[] }>(`${standalone.url}/api/v1/rules`)).groups;
  }

  async function firingSince(): Promise<string | undefined> {
    const rules = (await groups()).flatMap((group) => group.rules);
    return rules.flatMap((rule) => rule.alerts ?? []).find(({ state }) => state === "firing")?.activeAt;
  }

  /** How many groups a ruler evaluates. */
  async function groupsOf({ url }: RunningRuler): Promise<number> {
    const text = await (await fetch(`${url}/metrics`)).text();
    return [...text.matchAll(/^prometheus_rule_group_rules\{/gm)].length;
  }

  /** The times of the samples that the group `g0`… recorded, in ms. */
  async function slots(group: string): Promise<number[]> {
    const query = encodeURIComponent(`recorded{group="${group}"}[10m]`);
    const { result } = await askApi<{ result: { values: [number, string][] }[] }>(
      `${standalone.url}/api/v1/query?query=${query}`,
    );
    return (result[0]?.values ?? []).map(([seconds]) => Math.round(seconds * 1000));
  }

  async function expectEverySlotOnce(): Promise<void> {
    for (let i = 0; i < GROUPS; i++) {
      const times = await slots(`g${i}`);
      expect(times.length, `g${i}`).toBeGreaterThan(1);
      const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
      expect(new Set(gaps), `g${i}: ${gaps.join(" ")}`).toEqual(new Set([INTERVAL_MS]));
    }
  }

  beforeAll(async () => {
    [clickhouse, nats] = await Promise.all([startClickHouse(), startNats()]);
    folder = await createTemporaryFolder("ruler");
    standalone = await startStandalone({
      args: ["--roles=gateway,ingester,query", `--nats.url=${nats.url}`, `--clickhouse.url=${clickhouse.url}`],
    });
    await writeFile(join(folder.path, "rules.yml"), RULES);
    const global = `{evaluation_interval: ${INTERVAL_MS}ms, external_labels: {cluster: test}}`;
    await writeFile(join(folder.path, "prometheus.yml"), `global: ${global}\nrule_files: [rules.yml]\n`);
    const labels = Labels.fromObject({ __name__: "test_up", job: "shop", instance: "a" });
    const body = encodeWriteRequest([{ labels, timestampsMs: [Date.now()], values: Float64Array.of(0) }]);
    await new RemoteWriteSender({ url: `${standalone.url}/api/v1/write`, shards: [[compressSnappy(body)]] }).run();
    await startRuler();
    bus = await connectBus({ url: nats.url, name: "test", logger: createSilentLogger(), registry: new Registry() });
    alerts = new MessagePuller(bus, {
      stream: ALERTS_STREAM,
      consumer: "test",
      filterSubject: alertsSubject("ruler"),
      maxBytes: 1024 * 1024,
      ackWaitMs: 30_000,
      maxAckPending: 100,
    });
    void (async () => {
      for await (const message of alerts) {
        sent.push(...message.json<{ alerts: typeof sent }>().alerts);
        message.ack();
      }
    })();
  });

  afterAll(async () => {
    alerts?.stop();
    await Promise.all(rulers.map(async ({ program }) => program.stop("SIGKILL")));
    await bus?.close();
    await standalone?.stop();
    await Promise.all([clickhouse?.stop(), nats?.stop(), folder?.remove()]);
  });

  test("ruler - records, chains rules in one evaluation, and fires after `for`", async () => {
    const value = async (): Promise<boolean> => (await queryValue(standalone.url, "sum(recorded)")) === 15;
    await eventually(value, { timeoutMs: 20_000 });
    await eventually(firingSince, { timeoutMs: 20_000 });
    await eventually(() => sent.length > 0);
    expect(sent[0]).toMatchObject({
      labels: { alertname: "Down", job: "shop", cluster: "test" },
      annotations: { text: "shop gave 0" },
    });
    const series = 'ALERTS{alertname="Down",alertstate="firing"}';
    await eventually(async () => (await queryValue(standalone.url, series)) === 1);
    expect((await groups()).map(({ name }) => name)).toEqual(["alerts", "g0", "g1", "g2", "g3", "g4", "g5"]);
    expect((await groups()).flatMap((group) => group.rules.map(({ health }) => health))).toEqual(
      Array.from({ length: GROUPS + 2 }, () => "ok"),
    );
  });

  test("ruler - a second one takes its share, and all of it when the first is killed, within an interval", async () => {
    const activeAt = await firingSince();
    const [first] = rulers;
    if (first === undefined) throw new Error("no ruler");
    const second = await startRuler();
    await eventually(async () => (await groupsOf(second)) > 0, { timeoutMs: 15_000 });
    expect((await groupsOf(first)) + (await groupsOf(second))).toBe(GROUPS + 1);
    await first.program.stop("SIGKILL");
    await eventually(async () => (await groupsOf(second)) === GROUPS + 1, { timeoutMs: INTERVAL_MS });
    expect(await eventually(firingSince)).toBe(activeAt);
    // Two more rounds, so that a slot that is missing would show between others.
    const before = (await slots("g0")).length;
    await eventually(async () => (await slots("g0")).length >= before + 2, { timeoutMs: 4 * INTERVAL_MS });
    await expectEverySlotOnce();
    expect(new Set(sent.map(({ startsAt }) => startsAt)).size).toBe(1);
  });

  test("ruler - a restart keeps firing since the same time", async () => {
    const activeAt = await firingSince();
    const second = rulers[1];
    expect(await second?.program.stop()).toBe(0);
    await startRuler();
    expect(await eventually(firingSince, { timeoutMs: 3000 })).toBe(activeAt);
    expect(new Set(sent.map(({ startsAt }) => startsAt)).size).toBe(1);
  });

  test("ruler - goes on after NATS was killed, with its alerts as they were", async () => {
    const activeAt = await firingSince();
    const before = (await slots("g0")).length;
    await nats.kill();
    await nats.restart();
    await eventually(async () => (await slots("g0")).length >= before + 2, { timeoutMs: 8 * INTERVAL_MS });
    expect(await eventually(firingSince, { timeoutMs: 2 * INTERVAL_MS })).toBe(activeAt);
    expect(new Set(sent.map(({ startsAt }) => startsAt)).size).toBe(1);
  });

  test("ruler - rule groups by API are evaluated, changed and deleted; a broken one is refused", async () => {
    const ruler = rulers.at(-1);
    const base = `${ruler?.url}/prometheus/config/v1/rules`;
    const post = async (text: string): Promise<Response> =>
      fetch(`${base}/team%20a`, { method: "POST", body: text, headers: { "content-type": "application/yaml" } });
    expect(await (await fetch(base)).text()).toBe("{}\n");
    expect((await post("name: own\ninterval: 1s\nrules: [{record: by_api, expr: vector(1)}]\n")).status).toBe(202);
    await eventually(async () => (await queryValue(standalone.url, "by_api")) === 1);
    expect((await groups()).map(({ file }) => file)).toContain("team a");
    await post("name: own\ninterval: 1s\nrules: [{record: by_api, expr: vector(2)}]\n");
    await eventually(async () => (await queryValue(standalone.url, "by_api")) === 2);
    const refused = await post("name: own\nrules: [{record: by_api, expr: 'vector('}]\n");
    expect(refused.status).toBe(400);
    expect(await refused.text()).toMatch(/^team a:2:\d+: group "own", rule 1, "by_api": could not parse expression/);
    expect(await (await fetch(`${base}/team%20a/own`)).text()).toContain("expr: vector(2)");
    const other = { headers: { "X-Scope-OrgID": "other" } };
    expect((await fetch(`${base}/team%20a/own`, other)).status).toBe(404);
    expect((await fetch(`${base}/team%20a/own`, { method: "DELETE" })).status).toBe(202);
    await eventually(async () => !(await groups()).some(({ file }) => file === "team a"));
    // The series ends two intervals later.
    await eventually(async () => (await queryValue(standalone.url, "by_api")) === undefined);
    expect((await fetch(`${base}/team%20a/own`, { method: "DELETE" })).status).toBe(404);
  });

  test("ruler - a reload with a broken file changes nothing; a good one takes effect", async () => {
    const ruler = rulers.at(-1);
    const reload = async (): Promise<Response> => fetch(`${ruler?.url}/-/reload`, { method: "POST" });
    const path = join(folder.path, "rules.yml");
    await writeFile(path, `${RULES}- {name: bad, rules: [{record: x}]}\n`);
    const refused = await reload();
    expect(refused.status).toBe(500);
    expect(await refused.text()).toMatch(/rules\.yml:\d+:\d+: group "bad", rule 1, "x": field 'expr' must be set/);
    expect(await groups()).toHaveLength(GROUPS + 1);
    await writeFile(path, `${RULES}- {name: more, interval: 1s, rules: [{record: more, expr: vector(1)}]}\n`);
    expect((await reload()).status).toBe(200);
    await eventually(async () => (await queryValue(standalone.url, "more")) === 1);
    expect(await groups()).toHaveLength(GROUPS + 2);
  });
});
