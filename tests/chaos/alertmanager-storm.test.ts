import { eventually, startNats, startRedis, type TestServer } from "@monotreme/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AlertmanagerProcess, type PostedTestAlert } from "./alertmanager-process.ts";
import { type ReceivedMessage, WebhookReceiver } from "./webhook-receiver.ts";

const GROUPS = 200;
const ALERTS_PER_GROUP = 25;
const ALERTS = GROUPS * ALERTS_PER_GROUP;
const BATCH = 250;
/** A note in the log, or a kill, takes no longer on a busy machine. */
const NOTE_MS = 250;

/**
 * 5,000 alerts in 200 groups through two replicas, of which each is killed once, and Redis too. Whoever posts repeats
 * what was not answered with 200, to whichever replica answers, as Prometheus does.
 */
describe("a storm of alerts while alertmanagers and Redis are killed", () => {
  let nats: TestServer;
  let redis: TestServer;
  let receiver: WebhookReceiver;
  let replicas: AlertmanagerProcess[];
  const kills: number[] = [];

  const kill = async (victim: AlertmanagerProcess): Promise<void> => {
    kills.push(Date.now());
    await victim.kill();
  };

  beforeEach(async () => {
    [nats, redis, receiver] = await Promise.all([startNats(), startRedis(), WebhookReceiver.start()]);
    const config = `
route:
  receiver: hook
  group_by: [group]
  group_wait: 2s
  group_interval: 10m
  repeat_interval: 24h
receivers:
  - name: hook
    webhook_configs:
      - url: ${receiver.url}/hook
`;
    const options = { natsUrl: nats.url, redisUrl: redis.url, config };
    replicas = await Promise.all([AlertmanagerProcess.start(options), AlertmanagerProcess.start(options)]);
  });
  afterEach(async () => {
    await Promise.all(replicas.map(async (one) => one.stop()));
    await Promise.all([nats.stop(), redis.stop(), receiver.stop()]);
  });

  const endsAt = new Date(Date.now() + 3_600_000).toISOString();
  const alertOf = (i: number): PostedTestAlert => ({
    labels: { alertname: "Storm", group: `g${i % GROUPS}`, instance: `host-${i}`, job: "storm", severity: "warning" },
    annotations: { summary: `instance host-${i} does not answer`, description: "d".repeat(200) },
    endsAt,
  });

  const post = async (alerts: readonly PostedTestAlert[]): Promise<void> => {
    await eventually(
      async () => {
        for (const replica of replicas) {
          try {
            await replica.post(alerts.map((alert) => ({ ...alert, startsAt: new Date().toISOString() })));
            return true;
          } catch {
            // The next one, or a little later.
          }
        }
        return false;
      },
      { timeoutMs: 60_000, intervalMs: 200 },
    );
  };

  /**
   * Which alert was told in how many messages. Without those whose sender was killed in the moment between the answer
   * and its note in the log: it told, and nobody can know.
   */
  const tellings = (messages: readonly ReceivedMessage[]): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const { alerts, answeredAtMs } of messages) {
      if (kills.some((killMs) => Math.abs(killMs - answeredAtMs) < NOTE_MS)) continue;
      for (const { labels } of alerts) {
        const instance = labels["instance"] ?? "";
        counts.set(instance, (counts.get(instance) ?? 0) + 1);
      }
    }
    return counts;
  };

  test("every group is told, with every alert, and nothing is told twice", async () => {
    // So slow that sending goes on for seconds, and kills fall into the middle of it.
    receiver.answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return { status: 200 };
    };
    // By group, so that a group is complete before its wait is over.
    const all = Array.from({ length: ALERTS }, (_, i) =>
      alertOf((i % ALERTS_PER_GROUP) * GROUPS + Math.floor(i / ALERTS_PER_GROUP)),
    );
    const [first, second] = replicas;
    if (first === undefined || second === undefined) throw new Error("no replicas");
    const groups = (): number => new Set(receiver.messages.map(({ groupKey }) => groupKey)).size;
    const toldGroups = async (count: number): Promise<void> => {
      await eventually(() => groups() >= count, { timeoutMs: 60_000, intervalMs: 5 });
    };
    const posting = (async () => {
      for (let at = 0; at < ALERTS; at += BATCH) await post(all.slice(at, at + BATCH));
    })();
    await toldGroups(20);
    await kill(first);
    await toldGroups(60);
    await redis.kill();
    await first.restart();
    await redis.restart();
    await toldGroups(120);
    await kill(second);
    await posting;
    await second.restart();
    await eventually(() => expect(groups()).toBe(GROUPS), { timeoutMs: 60_000 });
    await eventually(async () => expect(await sizeOf(first)).toBe(ALERTS), { timeoutMs: 30_000 });
    // What a killed sender left is told once its mark counts no more.
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    expect(await sizeOf(second)).toBe(ALERTS);
    const told = tellings(receiver.messages);
    const repeated = [...told].filter(([, count]) => count > 1).length;
    expect({ groups: groups(), repeated }).toEqual({ groups: GROUPS, repeated: 0 });
    const everTold = new Set(receiver.messages.flatMap(({ alerts }) => alerts.map(({ fingerprint }) => fingerprint)));
    expect(everTold.size).toBe(ALERTS);
    // What was under way when its sender was killed is told once more, and no more than that.
    expect(receiver.requests).toBe(receiver.messages.length + receiver.unanswered.length);
    for (const { groupKey } of receiver.unanswered) {
      const times = receiver.unanswered.filter((one) => one.groupKey === groupKey).length;
      expect(times).toBeLessThanOrEqual(kills.length);
    }
  });

  const sizeOf = async (replica: AlertmanagerProcess): Promise<number | undefined> =>
    replica.metric('alertmanager_alerts{state="active"}');
});
