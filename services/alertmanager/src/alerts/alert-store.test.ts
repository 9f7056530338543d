import { FakeClock } from "@monotreme/clock/testing";
import { createSilentLogger } from "@monotreme/telemetry";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Alert } from "./alert.ts";
import { decodeAlert, encodeAlert } from "./alert-codec.ts";
import { AlertStore } from "./alert-store.ts";
import { MemoryAlertBucket } from "./memory-alert-bucket.ts";

const NOW = 1_000_000;

const alert = (name: string, changes: Partial<Alert> = {}): Alert => ({
  fingerprint: name,
  labels: { alertname: name },
  annotations: {},
  startsAtMs: NOW - 1000,
  endsAtMs: NOW + 1000,
  updatedAtMs: NOW,
  generatorUrl: "",
  isTimeout: false,
  ...changes,
});

describe("alert store", () => {
  const clock = new FakeClock(NOW);
  const open = async (bucket: MemoryAlertBucket): Promise<AlertStore> =>
    AlertStore.open({ bucket, clock, logger: createSilentLogger() });

  test("what was put is there for the next process", async () => {
    const bucket = new MemoryAlertBucket();
    await (await open(bucket)).put([alert("A"), alert("B")]);
    const next = await open(bucket);
    expect([...next.values()]).toEqual([alert("A"), alert("B")]);
  });

  test("put resolves when the bucket has all, and listeners know before", async () => {
    const bucket = new MemoryAlertBucket();
    const store = await open(bucket);
    const heard: string[] = [];
    store.subscribe({ onAlert: ({ fingerprint }) => heard.push(fingerprint) });
    let release: (() => void) | undefined;
    bucket.beforePut = async (fingerprint) =>
      fingerprint === "B" ? new Promise((resolve) => (release = resolve)) : undefined;
    let isDone = false;
    const put = store.put([alert("A"), alert("B")]).then(() => (isDone = true));
    await new Promise(setImmediate);
    expect(heard).toEqual(["A", "B"]);
    expect(isDone).toBe(false);
    release?.();
    await put;
    expect([...bucket.values.keys()]).toEqual(["A", "B"]);
  });

  test("a write that fails is told to the sender, after the others are settled", async () => {
    const bucket = new MemoryAlertBucket();
    const store = await open(bucket);
    bucket.beforePut = async (fingerprint) => {
      if (fingerprint === "A") throw new Error("away");
    };
    await expect(store.put([alert("A"), alert("B")])).rejects.toThrow("away");
    expect([...bucket.values.keys()]).toEqual(["B"]);
    bucket.beforePut = async () => undefined;
    await store.put([alert("A")]);
    expect([...bucket.values.keys()]).toEqual(["B", "A"]);
  });

  test("thousands of writes are under way a few hundred at a time", async () => {
    const bucket = new MemoryAlertBucket();
    const store = await open(bucket);
    let underWay = 0;
    let most = 0;
    bucket.beforePut = async () => {
      most = Math.max(most, ++underWay);
      await new Promise(setImmediate);
      underWay--;
    };
    await store.put(Array.from({ length: 2000 }, (_, i) => alert(`A${i}`)));
    expect(bucket.values.size).toBe(2000);
    expect(most).toBe(256);
  });

  test("replicas that took in different news of one alert end with the same", async () => {
    const bucket = new MemoryAlertBucket();
    const [first, second] = await Promise.all([open(bucket), open(bucket)]);
    const resolved = alert("A", { endsAtMs: NOW, updatedAtMs: NOW + 2 });
    await Promise.all([first.put([resolved]), second.put([alert("A", { updatedAtMs: NOW + 1 })])]);
    await new Promise(setImmediate);
    expect(first.get("A")?.endsAtMs).toBe(NOW);
    expect(second.get("A")).toEqual(first.get("A"));
    expect((await open(bucket)).get("A")).toEqual(first.get("A"));
  });

  test("only what is resolved, old and of no use is collected, for all replicas", async () => {
    const bucket = new MemoryAlertBucket();
    const [first, second] = await Promise.all([open(bucket), open(bucket)]);
    await first.put([
      alert("firing"),
      alert("old", { endsAtMs: NOW - 10 }),
      alert("needed", { endsAtMs: NOW - 10 }),
      alert("recent", { endsAtMs: NOW - 1 }),
    ]);
    const removed: string[] = [];
    second.subscribe({ onAlert: () => undefined, onRemoved: ({ fingerprint }) => removed.push(fingerprint) });
    expect(await first.collectGarbage(NOW - 5, ({ fingerprint }) => fingerprint === "needed")).toBe(1);
    expect(removed).toEqual(["old"]);
    expect([...bucket.values.keys()]).toEqual(["firing", "needed", "recent"]);
  });

  test("what cannot be read is left alone", async () => {
    const bucket = new MemoryAlertBucket();
    for (const value of ["", "{}", "[]", '[{"a":1},{},1,2,3,"",0]', '[{},{},"1",2,3,"",0]', "[[],{},1,2,3,null,0]"]) {
      bucket.values.set(`bad${bucket.values.size}`, value);
    }
    expect((await open(bucket)).size).toBe(0);
    expect(bucket.values.size).toBe(6);
  });

  test("the codec gives back what it took", () => {
    const labels = fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }));
    const instants = fc.integer({ min: 0, max: 2 ** 45 });
    const arbitrary = fc.record({
      fingerprint: fc.constant("f"),
      labels,
      annotations: labels,
      startsAtMs: instants,
      endsAtMs: instants,
      updatedAtMs: instants,
      generatorUrl: fc.string({ unit: "grapheme" }),
      isTimeout: fc.boolean(),
    });
    fc.assert(
      fc.property(arbitrary, (one) => {
        const decoded = decodeAlert("f", new TextEncoder().encode(encodeAlert(one)));
        expect(JSON.stringify(decoded)).toBe(JSON.stringify({ ...one }));
      }),
    );
  });
});
