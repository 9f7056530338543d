import { connectBus, ensureStreams } from "@monotreme/bus";
import { ALERTS_STREAM, alertsSubject, DEADLETTER_STREAM } from "@monotreme/contracts";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { startNats, startRedis, eventually, type TestServer } from "@monotreme/testkit";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { AlertmanagerProcess } from "../chaos/alertmanager-process.ts";
import { WebhookReceiver } from "../chaos/webhook-receiver.ts";

const failedSchema = z.array(
  z.looseObject({ id: z.string(), receiver: z.string(), integration: z.string(), reason: z.string() }),
);

describe("alertmanager", () => {
  let nats: TestServer;
  let redis: TestServer;
  let receiver: WebhookReceiver;
  let processes: AlertmanagerProcess[];

  beforeEach(async () => {
    [nats, redis, receiver] = await Promise.all([startNats(), startRedis(), WebhookReceiver.start()]);
    processes = [];
  });
  afterEach(async () => {
    await Promise.all(processes.map(async (one) => one.stop()));
    await Promise.all([nats.stop(), redis.stop(), receiver.stop()]);
  });

  const config = (times = "group_wait: 200ms\n  group_interval: 1s\n  repeat_interval: 1h"): string => `
route:
  receiver: hook
  group_by: [cluster]
  ${times}
receivers:
  - name: hook
    webhook_configs:
      - url: ${receiver.url}/hook
`;

  const start = async (text = config()): Promise<AlertmanagerProcess> => {
    const one = await AlertmanagerProcess.start({ natsUrl: nats.url, redisUrl: redis.url, config: text });
    processes.push(one);
    return one;
  };

  const alert = (name: string, cluster = "x", endsInS = 600) => ({
    labels: { alertname: name, cluster },
    endsAt: new Date(Date.now() + endsInS * 1000).toISOString(),
  });

  const told = (): string[] =>
    receiver.messages.map(
      ({ status, alerts }) =>
        `${status}: ${alerts.map(({ labels, status: one }) => `${labels["alertname"]} ${one}`).join(", ")}`,
    );

  test("an alert is told, and that it is resolved", async () => {
    const am = await start();
    await am.post([alert("A"), alert("B")]);
    await eventually(() => expect(told()).toEqual(["firing: A firing, B firing"]));
    await am.post([alert("A", "x", 0), alert("B", "x", 0)]);
    await eventually(() => expect(told()[1]).toBe("resolved: A resolved, B resolved"));
  });

  test("a restart loses no alert and tells none again", async () => {
    const am = await start();
    await am.post([alert("A")]);
    await eventually(() => receiver.messages.length === 1);
    await am.kill();
    await am.restart();
    await eventually(async () => expect(await am.metric("monotreme_alertmanager_dispatching")).toBe(1));
    await am.post([alert("B")]);
    await eventually(() => expect(told()).toEqual(["firing: A firing", "firing: A firing, B firing"]));
  });

  test("what is posted to one replica the other tells, after the one that dispatched was killed", async () => {
    const first = await start();
    const second = await start();
    await first.post([alert("A")]);
    await eventually(() => receiver.messages.length === 1);
    await first.kill();
    await second.post([alert("B", "y")]);
    await eventually(() => expect(told()).toEqual(["firing: A firing", "firing: B firing"]), { timeoutMs: 20_000 });
    await second.post([alert("A", "x", 0)]);
    await eventually(() => expect(told()[2]).toBe("resolved: A resolved"));
  });

  test("an orderly end hands the dispatching over", async () => {
    const first = await start();
    const second = await start();
    await eventually(async () => expect(await first.metric("monotreme_alertmanager_dispatching")).toBe(1));
    expect(await first.halt()).toBe(0);
    await eventually(async () => expect(await second.metric("monotreme_alertmanager_dispatching")).toBe(1));
  });

  test("without Redis notifications go past the queue; with it they take it again", async () => {
    const am = await start();
    await redis.kill();
    await am.post([alert("A")]);
    await eventually(() => expect(told()).toEqual(["firing: A firing"]), { timeoutMs: 15_000 });
    expect(await am.metric("monotreme_alertmanager_direct_deliveries_total")).toBe(1);
    await redis.restart();
    await am.post([alert("B", "y")]);
    await eventually(() => expect(told()[1]).toBe("firing: B firing"), { timeoutMs: 15_000 });
  });

  test("started without Redis, notifications take the queue as soon as it is there", async () => {
    await redis.kill();
    const am = await start();
    await am.post([alert("A")]);
    await eventually(() => expect(told()).toEqual(["firing: A firing"]), { timeoutMs: 15_000 });
    expect(await am.metric("monotreme_alertmanager_direct_deliveries_total")).toBe(1);
    await redis.restart();
    const client = new Redis(redis.url);
    try {
      let posted = 0;
      // The connection is back within a second; until then notifications still go past the queue.
      await eventually(
        async () => {
          await am.post([alert("B", `y${posted++}`)]);
          return (await client.zcard("monotreme:notifications:completed")) > 0;
        },
        { timeoutMs: 20_000, intervalMs: 500 },
      );
      await eventually(() => expect(receiver.messages).toHaveLength(1 + posted));
    } finally {
      client.disconnect();
    }
  });

  test("a queued notification that Redis lost is queued again", async () => {
    const am = await start(config("group_wait: 200ms\n  group_interval: 1m\n  repeat_interval: 1h"));
    receiver.answer = () => ({ status: 503, headers: { "retry-after": "5" } });
    await am.post([alert("A")]);
    await eventually(() => receiver.requests === 1);
    await redis.kill();
    await redis.restart();
    receiver.answer = () => ({ status: 200 });
    await eventually(() => expect(told()).toEqual(["firing: A firing"]), { timeoutMs: 30_000 });
  });

  test("Retry-After of a 429 is honoured", async () => {
    const am = await start(config("group_wait: 200ms\n  group_interval: 1m\n  repeat_interval: 1h"));
    let refusedAtMs = 0;
    receiver.answer = () => {
      if (refusedAtMs > 0) return { status: 200 };
      refusedAtMs = Date.now();
      return { status: 429, headers: { "retry-after": "3" } };
    };
    await am.post([alert("A")]);
    await eventually(() => receiver.messages.length === 1, { timeoutMs: 15_000 });
    expect(Date.now() - refusedAtMs).toBeGreaterThan(2900);
    expect(receiver.requests).toBe(2);
  });

  test("alert events of the bus are told, those of nobody's form are put aside", async () => {
    const am = await start();
    const bus = await connectBus({
      url: nats.url,
      name: "test",
      logger: createSilentLogger(),
      registry: new Registry(),
    });
    await ensureStreams(bus, { samplesMaxBytes: 2 ** 20, deadletterMaxBytes: 2 ** 20, replicas: 1 });
    const event = {
      labels: { alertname: "A", cluster: "x" },
      annotations: {},
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + 600_000).toISOString(),
      generatorURL: "",
    };
    await bus.jetstream.publish(alertsSubject("ruler"), "not JSON");
    await bus.jetstream.publish(alertsSubject("ruler"), JSON.stringify({ tenant: "anonymous", alerts: [event] }));
    await eventually(() => expect(told()).toEqual(["firing: A firing"]));
    const streamState = async (name: string) => (await bus.manager.streams.info(name)).state;
    await eventually(async () => expect((await streamState(ALERTS_STREAM)).messages).toBe(0));
    expect((await streamState(DEADLETTER_STREAM)).messages).toBe(1);
    expect(await am.metric("monotreme_alertmanager_dead_letters_total")).toBe(1);
    await bus.close();
  });

  test("a NATS that was killed and comes back is enough to go on", async () => {
    const am = await start();
    await am.post([alert("A")]);
    await eventually(() => receiver.messages.length === 1);
    await nats.kill();
    await expect(am.post([alert("B", "y")])).rejects.toThrow();
    await nats.restart();
    await eventually(async () => am.post([alert("B", "y")]).then(() => true), { timeoutMs: 20_000 });
    await eventually(() => expect(told()).toEqual(["firing: A firing", "firing: B firing"]), { timeoutMs: 20_000 });
  });

  test("what was given up stands in a list and can be tried again", async () => {
    const am = await start(config("group_wait: 200ms\n  group_interval: 1m\n  repeat_interval: 1h"));
    receiver.answer = () => ({ status: 400 });
    await am.post([alert("A")]);
    const failed = await eventually(async () => {
      const list = failedSchema.parse(await am.get("/api/v2/notifications/failed"));
      return list[0];
    });
    expect(failed).toMatchObject({ receiver: "hook", integration: "webhook", reason: "clientError" });
    receiver.answer = () => ({ status: 200 });
    const answer = await fetch(`${am.url}/api/v2/notifications/failed/${failed.id}/retry`, { method: "POST" });
    expect(answer.status).toBe(200);
    await eventually(() => expect(told()).toEqual(["firing: A firing"]));
    expect(failedSchema.parse(await am.get("/api/v2/notifications/failed"))).toEqual([]);
  });
});
