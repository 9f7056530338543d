import { FakeClock } from "@monotreme/clock/testing";
import type { FollowedState } from "@monotreme/discovery";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import { ruleReading } from "../groups/check-rule-file.ts";
import { createRulerMetrics } from "../metrics.ts";
import type { ObjectLimits } from "./admitted-objects.ts";
import { type FollowCallbacks, ObjectRules } from "./object-rules.ts";
import { readRuleObject, type RuleObject } from "./rule-object.ts";

interface Written {
  readonly expr: string;
  readonly uid?: string;
  readonly createdAt?: string;
}

/** A cluster whose objects a test writes; `callbacks` are the follower's. */
class Bench {
  readonly clock = new FakeClock(1_000_000);
  readonly objects = new Map<string, RuleObject>();
  readonly registry = new Registry();
  states: FollowedState[] = ["starting"];
  isStarted = false;
  isClosed = false;
  changes = 0;
  /** What the callbacks do before a follower has taken them. */
  callbacks: FollowCallbacks = { onChange: () => undefined, onState: () => undefined, onFailure: () => undefined };
  readonly rules: ObjectRules;

  constructor(limits?: ObjectLimits) {
    this.rules = new ObjectRules({
      follow: (callbacks) => this.#follow(callbacks),
      rules: ruleReading(""),
      onChange: () => this.changes++,
      meters: createRulerMetrics(this.registry).objects,
      clock: this.clock,
      logger: createSilentLogger(),
      ...(limits && { limits }),
    });
    this.rules.start();
  }

  put(name: string, { expr, uid = name, createdAt = "2026-01-01T00:00:00Z" }: Written): void {
    const metadata = { namespace: "shop", name, uid, creationTimestamp: createdAt };
    const groups = [{ name: "g", rules: [{ record: "r", expr }] }];
    this.objects.set(`shop/${name}`, readRuleObject({ metadata, spec: { groups } }));
    this.callbacks.onChange();
  }

  delete(name: string): void {
    this.objects.delete(`shop/${name}`);
    this.callbacks.onChange();
  }

  async settle(): Promise<void> {
    await this.clock.advance(250);
  }

  /** What is evaluated: the file and the expression of each group's rule. */
  get inForce(): string[] {
    return this.rules.all.map(({ file, group }) => `${file} ${group.rules[0]?.expr}`);
  }

  async metric(name: string): Promise<number | undefined> {
    const text = await this.registry.metrics();
    const value = new RegExp(`^monotreme_ruler_kubernetes_${name} (.*)$`, "m").exec(text)?.[1];
    return value === undefined ? undefined : Number(value);
  }

  #follow(callbacks: FollowCallbacks) {
    this.callbacks = callbacks;
    const states = (): readonly FollowedState[] => this.states;
    return {
      objects: this.objects,
      get states() {
        return states();
      },
      start: () => void (this.isStarted = true),
      close: async () => void (this.isClosed = true),
    };
  }
}

describe("object rules", () => {
  test("object rules - changes that come together are taken together", async () => {
    const bench = new Bench();
    expect(bench.isStarted).toBe(true);
    bench.put("a", { expr: "up" });
    await bench.clock.advance(200);
    bench.put("b", { expr: "down" });
    expect(bench.changes).toBe(0);
    await bench.clock.advance(50);
    expect(bench.changes).toBe(1);
    expect(bench.inForce).toEqual(["shop/a up", "shop/b down"]);
    expect(await bench.metric("objects")).toBe(2);
  });

  test("object rules - changes without end do not put off what came before", async () => {
    const bench = new Bench();
    for (let i = 0; i < 10; i++) {
      bench.put("a", { expr: `up > ${i}` });
      await bench.clock.advance(100);
    }
    expect(bench.changes).toBeGreaterThanOrEqual(3);
  });

  test("object rules - what is broken is left out whole; the others go on", async () => {
    const bench = new Bench();
    bench.put("a", { expr: "sum(" });
    bench.put("b", { expr: "up" });
    await bench.settle();
    expect(bench.inForce).toEqual(["shop/b up"]);
    expect([await bench.metric("objects"), await bench.metric("invalid_objects")]).toEqual([1, 1]);
  });

  test("object rules - a broken change leaves the former version in force until there is a good one", async () => {
    const bench = new Bench();
    bench.put("a", { expr: "up" });
    await bench.settle();
    bench.put("a", { expr: "sum(" });
    await bench.settle();
    expect(bench.inForce).toEqual(["shop/a up"]);
    expect([await bench.metric("objects"), await bench.metric("invalid_objects")]).toEqual([1, 1]);
    bench.put("a", { expr: "up == 0" });
    await bench.settle();
    expect(bench.inForce).toEqual(["shop/a up == 0"]);
    expect(await bench.metric("invalid_objects")).toBe(0);
  });

  test("object rules - another object of the same name inherits nothing", async () => {
    const bench = new Bench();
    bench.put("a", { expr: "up", uid: "1" });
    await bench.settle();
    bench.put("a", { expr: "sum(", uid: "2" });
    await bench.settle();
    expect(bench.inForce).toEqual([]);
  });

  test("object rules - an object that is gone is forgotten, broken or not", async () => {
    const bench = new Bench();
    bench.put("a", { expr: "up" });
    bench.put("b", { expr: "sum(" });
    await bench.settle();
    bench.delete("a");
    bench.delete("b");
    await bench.settle();
    expect(bench.inForce).toEqual([]);
    expect([await bench.metric("objects"), await bench.metric("invalid_objects")]).toEqual([0, 0]);
  });

  test("object rules - what did not change keeps its groups", async () => {
    const bench = new Bench();
    bench.put("a", { expr: "up" });
    await bench.settle();
    const [before] = bench.rules.all;
    bench.put("b", { expr: "up" });
    await bench.settle();
    expect(bench.rules.all[0]?.group).toBe(before?.group);
  });

  test("object rules - above the number of objects the youngest are refused, in every replica alike", async () => {
    const bench = new Bench({ objects: 2, bytes: 1e6 });
    bench.put("young", { expr: "up", createdAt: "2026-03-01T00:00:00Z" });
    bench.put("z", { expr: "up" });
    bench.put("a", { expr: "up" });
    await bench.settle();
    expect(bench.inForce).toEqual(["shop/a up", "shop/z up"]);
    expect(await bench.metric("refused_objects")).toBe(1);
    bench.delete("z");
    await bench.settle();
    expect(bench.inForce).toEqual(["shop/a up", "shop/young up"]);
    expect(await bench.metric("refused_objects")).toBe(0);
  });

  test("object rules - an object that there is no room for is refused, and smaller ones after it are not", async () => {
    const bench = new Bench({ objects: 10, bytes: 400 });
    bench.put("a", { expr: "up" });
    bench.put("b", { expr: `up${" ".repeat(400)}` });
    bench.put("c", { expr: "up" });
    await bench.settle();
    expect(bench.inForce).toEqual(["shop/a up", "shop/c up"]);
    expect(await bench.metric("refused_objects")).toBe(1);
  });

  test.each<[FollowedState[], number, number]>([
    [["starting"], 0, 0],
    [["followed"], 1, 0],
    [["followed", "starting"], 0, 0],
    [["failing"], 0, 0],
    [["unknown-kind"], 0, 1],
  ])("object rules - %j is shown by metrics", async (states, followed, kindUnknown) => {
    const bench = new Bench();
    bench.states = states;
    bench.callbacks.onState();
    expect([await bench.metric("followed"), await bench.metric("kind_unknown")]).toEqual([followed, kindUnknown]);
  });

  test("object rules - failures are counted", async () => {
    const bench = new Bench();
    bench.callbacks.onFailure();
    expect(await bench.metric("failures_total")).toBe(1);
  });

  test("object rules - after the end nothing changes any more", async () => {
    const bench = new Bench();
    bench.put("a", { expr: "up" });
    await bench.rules.close();
    bench.put("b", { expr: "up" });
    await bench.settle();
    expect(bench.isClosed).toBe(true);
    expect(bench.changes).toBe(0);
    expect(bench.clock.timerCount).toBe(0);
  });
});
