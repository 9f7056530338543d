import { FakeClock } from "@monotreme/clock/testing";
import type { AlertEvent } from "@monotreme/contracts";
import { parsePrometheusConfig, type PrometheusConfig } from "@monotreme/prometheus-config";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import { createRulerMetrics } from "../metrics.ts";
import { Notifier, type NotifierOptions } from "./notifier.ts";

function event(labels: Record<string, string>): AlertEvent {
  const at = "2026-01-01T00:00:00.000Z";
  return { labels, annotations: {}, startsAt: at, endsAt: at, generatorURL: "" };
}

function events(count: number, from = 0): AlertEvent[] {
  return Array.from({ length: count }, (_, i) => event({ alertname: `a${from + i}` }));
}

function configOf(text: string): PrometheusConfig {
  return parsePrometheusConfig({ fileName: "p.yml", folder: "/", text }, { environment: {} });
}

interface Post {
  readonly url: string;
  readonly alerts: readonly AlertEvent[];
}

async function bench(text: string, limits: Partial<NotifierOptions> = {}) {
  const registry = new Registry();
  const metrics = createRulerMetrics(registry);
  const posts: Post[] = [];
  const clock = new FakeClock(0);
  // Each post waits until it is let through; a fault refuses it.
  const gate = { isOpen: true, fault: undefined as Error | undefined, waiting: [] as (() => void)[] };
  const notifier = new Notifier({
    createPoster: () => ({
      post: async (url, body, signal) => {
        if (!gate.isOpen) {
          await new Promise<void>((resolve, reject) => {
            gate.waiting.push(resolve);
            signal.addEventListener("abort", () => reject(new Error("stopped")), { once: true });
          });
        }
        if (gate.fault !== undefined) throw gate.fault;
        posts.push({ url, alerts: JSON.parse(body) });
      },
      close: () => undefined,
    }),
    capacity: 10_000,
    batchSize: 256,
    drains: true,
    createDiscoverer: () => undefined,
    ...limits,
    createMeter: (url) => metrics.queueMeter(url),
    clock,
    onDiscovered: (count) => metrics.alertmanagersDiscovered.set(count),
    logger: createSilentLogger(),
  });
  const apply = async (yaml: string): Promise<void> => {
    const { alerting, global } = configOf(yaml);
    await notifier.applyConfig(alerting, global.externalLabels);
  };
  await apply(text);
  const open = (): void => {
    gate.isOpen = true;
    for (const resolve of gate.waiting.splice(0)) resolve();
  };
  const metric = async (name: string): Promise<number> => {
    const line = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(await registry.metrics());
    return Number(line?.[1] ?? Number.NaN);
  };
  return { notifier, posts, clock, gate, open, apply, metric };
}

const ONE = `alerting:
  alertmanagers:
  - static_configs: [{targets: ["am:9093"]}]
`;

describe("notifier", () => {
  test("notifier - every Alertmanager gets every alert, in batches", async () => {
    const { notifier, posts, clock, metric } = await bench(`alerting:
  alertmanagers:
  - static_configs: [{targets: ["a:1", "b:2", "a:1"]}]
    path_prefix: /x/
    scheme: https
  - static_configs: [{targets: ["c:3"]}]
`);
    notifier.send(events(300));
    await clock.advance(0);
    const sizes = posts.map(({ url, alerts }) => `${url} ${alerts.length}`).toSorted();
    expect(sizes).toEqual([
      "http://c:3/api/v2/alerts 256",
      "http://c:3/api/v2/alerts 44",
      "https://a:1/x/api/v2/alerts 256",
      "https://a:1/x/api/v2/alerts 44",
      "https://b:2/x/api/v2/alerts 256",
      "https://b:2/x/api/v2/alerts 44",
    ]);
    expect(await metric("prometheus_notifications_alertmanagers_discovered")).toBe(3);
    expect(await metric("prometheus_notifications_sent_total")).toBe(300);
  });

  test("notifier - external labels, relabelling of all alerts, then that of each entry", async () => {
    const { notifier, posts, clock } = await bench(`global: {external_labels: {cluster: c, replica: "1"}}
alerting:
  alert_relabel_configs: [{regex: replica, action: labeldrop}]
  alertmanagers:
  - static_configs: [{targets: ["a:1"]}]
    alert_relabel_configs: [{source_labels: [severity], regex: none, action: drop}]
  - static_configs: [{targets: ["b:2"]}]
`);
    const prepared = notifier.prepare([event({ alertname: "x", cluster: "own" }), event({ severity: "none" })]);
    expect(prepared.map(({ labels }) => labels)).toEqual([
      { alertname: "x", cluster: "own" },
      { cluster: "c", severity: "none" },
    ]);
    notifier.send(prepared);
    await clock.advance(0);
    expect(posts.map(({ url, alerts }) => [url, alerts.length])).toEqual([
      ["http://a:1/api/v2/alerts", 1],
      ["http://b:2/api/v2/alerts", 2],
    ]);
  });

  test("notifier - relabelling of addresses can change and drop them", async () => {
    const { notifier } = await bench(`alerting:
  alertmanagers:
  - static_configs: [{targets: ["a:1"], labels: {keep: "yes"}}, {targets: ["b:2"]}]
    relabel_configs:
    - {source_labels: [keep], regex: "yes", action: keep}
    - {target_label: __alerts_path__, replacement: /other}
`);
    expect(notifier.activeUrls).toEqual(["http://a:1/other"]);
    expect(notifier.droppedUrls).toEqual(["http://b:2/api/v2/alerts"]);
  });

  test("notifier - a full queue drops the oldest and counts them", async () => {
    const { notifier, posts, clock, gate, open, metric } = await bench(ONE, { capacity: 10, batchSize: 4 });
    gate.isOpen = false;
    notifier.send(events(4));
    await clock.advance(0);
    notifier.send(events(15, 4));
    expect(await metric("prometheus_notifications_dropped_total")).toBe(5);
    expect(await metric("prometheus_notifications_queue_length")).toBe(10);
    open();
    await clock.advance(0);
    const names = posts.flatMap(({ alerts }) => alerts.map(({ labels }) => labels["alertname"]));
    expect(names).toEqual([0, 1, 2, 3, ...Array.from({ length: 10 }, (_, i) => 9 + i)].map((i) => `a${i}`));
    expect(await metric("prometheus_notifications_queue_length")).toBe(0);
  });

  test("notifier - a batch that is refused is dropped and counted, the next ones are sent", async () => {
    const { notifier, posts, clock, gate, metric } = await bench(ONE);
    gate.fault = new Error("500");
    notifier.send(events(3));
    await clock.advance(0);
    gate.fault = undefined;
    notifier.send(events(2));
    await clock.advance(0);
    expect(posts).toHaveLength(1);
    expect(await metric("prometheus_notifications_errors_total")).toBe(3);
    expect(await metric("prometheus_notifications_dropped_total")).toBe(3);
    expect(await metric("prometheus_notifications_sent_total")).toBe(2);
  });

  test("notifier - sends what waits before it closes, as long as it may", async () => {
    const { notifier, posts, clock, gate, open } = await bench(ONE, { batchSize: 1 });
    gate.isOpen = false;
    notifier.send(events(3));
    await clock.advance(0);
    const closing = notifier.close(AbortSignal.timeout(5000));
    open();
    await closing;
    expect(posts).toHaveLength(3);
  });

  test("notifier - a reload keeps the queues of Alertmanagers that stay", async () => {
    const { notifier, posts, clock, gate, open, apply } = await bench(ONE);
    gate.isOpen = false;
    notifier.send(events(1));
    await clock.advance(0);
    notifier.send(events(1, 1));
    await apply(`global: {external_labels: {a: b}}\n${ONE}`);
    open();
    await clock.advance(0);
    expect(posts).toHaveLength(2);
  });

  test("notifier - Alertmanagers that are found while it runs, at once", async () => {
    let say: (...addresses: string[]) => void = () => undefined;
    const state = { isClosed: false };
    const { notifier, posts, clock, metric } = await bench(
      "alerting: {alertmanagers: [{dns_sd_configs: [{names: [am], type: A, port: 9093}]}]}",
      {
        createDiscoverer: () => ({
          start: (onGroups) => {
            say = (...addresses) =>
              onGroups([{ source: "am", labels: {}, targets: addresses.map((each) => ({ __address__: each })) }]);
          },
          close: async () => void (state.isClosed = true),
        }),
      },
    );
    expect(notifier.activeUrls).toEqual([]);
    say("10.0.0.1:9093", "10.0.0.2:9093");
    await clock.advance(0);
    expect(await metric("prometheus_notifications_alertmanagers_discovered")).toBe(2);
    notifier.send(events(1));
    await clock.advance(0);
    expect(posts.map(({ url }) => url)).toEqual([
      "http://10.0.0.1:9093/api/v2/alerts",
      "http://10.0.0.2:9093/api/v2/alerts",
    ]);
    say("10.0.0.2:9093");
    await clock.advance(0);
    expect(notifier.activeUrls).toEqual(["http://10.0.0.2:9093/api/v2/alerts"]);
    await notifier.close(AbortSignal.timeout(1000));
    expect(state.isClosed).toBe(true);
  });
});
