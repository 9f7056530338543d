import { type Bus, connectBus } from "@monotreme/bus";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { eventually, startNats, type TestServer } from "@monotreme/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSilenceBucket } from "../../services/alertmanager/src/silences/open-silence-bucket.ts";
import { NatsTokenBucket } from "../../services/alertmanager/src/silences/nats-token-bucket.ts";
import type { SilenceRequest } from "../../services/alertmanager/src/silences/silence.ts";
import { SilenceStore } from "../../services/alertmanager/src/silences/silence-store.ts";

const HOUR_MS = 3_600_000;

describe("buckets of the alertmanager", () => {
  let nats: TestServer;
  let bus: Bus;
  const stores: SilenceStore[] = [];

  beforeEach(async () => {
    nats = await startNats();
    bus = await connectBus({ url: nats.url, name: "test", logger: createSilentLogger(), registry: new Registry() });
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    await bus?.close();
    await nats?.stop();
  });

  const openStore = async (now: () => number = Date.now): Promise<SilenceStore> => {
    const bucket = await openSilenceBucket(bus, 1);
    const limits = { retentionMs: HOUR_MS, maxSilences: 0, maxSilenceSizeBytes: 0 };
    const store = await SilenceStore.open({ bucket, now, logger: createSilentLogger(), ...limits });
    stores.push(store);
    return store;
  };

  const request = (): SilenceRequest => ({
    matchers: [{ name: "alertname", value: "A", isRegex: false, isEqual: true }],
    startsAtMs: Date.now(),
    endsAtMs: Date.now() + HOUR_MS,
    createdBy: "operator",
    comment: "",
    annotations: {},
  });

  test("silences - many changes of one silence by two replicas at once end in one state that both know", async () => {
    const [left, right] = [await openStore(), await openStore()];
    const id = await left.set(request());
    await eventually(() => right.get(id) !== undefined);
    const { startsAtMs } = right.get(id) ?? request();
    const changes = Array.from({ length: 6 }, async (_, i) => {
      const store = i % 2 === 0 ? left : right;
      return store.set({ ...request(), startsAtMs, id, comment: `change ${i}` });
    });
    expect(new Set(await Promise.all(changes))).toEqual(new Set([id]));
    await eventually(() => left.get(id)?.comment === right.get(id)?.comment);
    expect(left.list()).toHaveLength(1);
  });

  test("silences - are back after NATS was killed, and what was forgotten stays so", async () => {
    let nowMs = Date.now();
    const store = await openStore(() => nowMs);
    const old = await store.set(request());
    nowMs += 3 * HOUR_MS;
    expect(await store.collectGarbage()).toBe(1);
    const id = await store.set({ ...request(), endsAtMs: nowMs + HOUR_MS });
    await nats.kill();
    await nats.restart();
    const again = await eventually(async () => openStore(() => nowMs), { timeoutMs: 30_000 });
    expect(again.silencedBy({ alertname: "A" })).toEqual([id]);
    expect(again.get(old)).toBeUndefined();
    // The store of before goes on where it was.
    const other = await eventually(async () => again.set({ ...request(), endsAtMs: nowMs + HOUR_MS }));
    await eventually(() => store.get(other) !== undefined, { timeoutMs: 30_000 });
  });

  test("tokens - of many who take one at the same time one gets it", async () => {
    const bucket = await NatsTokenBucket.open(bus, { replicas: 1, lifetimeMs: HOUR_MS });
    await bucket.put("key", "value");
    const taken = await Promise.all(Array.from({ length: 10 }, async () => bucket.take("key")));
    expect(taken.filter((value) => value !== undefined)).toEqual(["value"]);
    expect(await bucket.take("key")).toBeUndefined();
    expect(await bucket.take("other")).toBeUndefined();
  });

  test("tokens - a new lifetime holds for a bucket that was there", async () => {
    await NatsTokenBucket.open(bus, { replicas: 1, lifetimeMs: HOUR_MS });
    const bucket = await NatsTokenBucket.open(bus, { replicas: 1, lifetimeMs: 2 * HOUR_MS });
    const { config } = await bus.manager.streams.info("KV_silence_tokens");
    expect(config.max_age).toBe(2 * HOUR_MS * 1_000_000);
    await bucket.put("key", "value");
    expect(await bucket.take("key")).toBe("value");
  });
});
