import type { LeaseCallbacks } from "@monotreme/bus";
import { FakeClock } from "@monotreme/clock/testing";
import { Labels } from "@monotreme/model";
import type { SampleSource } from "@monotreme/promql";
import { describe, expect, test } from "vitest";
import type { GroupDefinition } from "../evaluation/group-definition.ts";
import { groupSchedule, slotAt } from "../evaluation/group-schedule.ts";
import { createRulerFixture, definitionsOf, MemoryBucket, MemorySink, metric } from "../ruler-fixture.ts";
import { MemorySource } from "@monotreme/promql/testing";
import type { GroupLease, GroupLeases } from "./group-leases.ts";
import { GroupManager } from "./group-manager.ts";

/** Leases of several rulers in one process: whoever asks first and may has them. */
class LeaseBoard {
  readonly #members = new Set<string>();
  readonly #holders = new Map<string, string>();
  readonly #wanting = new Map<string, Map<string, LeaseCallbacks>>();

  of(id: string): GroupLeases {
    this.#members.add(id);
    const members = (): readonly string[] => [...this.#members];
    return {
      id,
      get members() {
        return members();
      },
      keep: (key, callbacks) => this.#keep(id, key, callbacks),
    };
  }

  /** The ruler says nothing any more: its leases are free, and it does not hear of it. */
  kill(id: string): void {
    this.#members.delete(id);
    for (const wanting of this.#wanting.values()) wanting.delete(id);
    for (const [key, holder] of this.#holders) if (holder === id) this.#holders.delete(key);
    this.offer();
  }

  /** Gives every free lease to somebody who may have it. */
  offer(): void {
    for (const [key, wanting] of this.#wanting) {
      for (const [id, callbacks] of wanting) {
        if (this.#holders.has(key) || callbacks.mayAcquire?.() === false) continue;
        this.#holders.set(key, id);
        callbacks.onAcquired();
      }
    }
  }

  holders(): string {
    return [...this.#holders.values()].sort().join(" ");
  }

  #keep(id: string, key: string, callbacks: LeaseCallbacks): GroupLease {
    const wanting = this.#wanting.get(key) ?? new Map<string, LeaseCallbacks>();
    this.#wanting.set(key, wanting.set(id, callbacks));
    queueMicrotask(() => this.offer());
    const holders = this.#holders;
    return {
      get isHeld() {
        return holders.get(key) === id;
      },
      release: async () => {
        wanting.delete(id);
        if (holders.get(key) !== id) return;
        holders.delete(key);
        callbacks.onLost();
        this.offer();
      },
    };
  }
}

const MINUTE_MS = 60_000;
const RULES = `groups:
- name: g
  rules:
  - {record: r, expr: up}
  - {alert: A, expr: up == 0, for: 2m, keep_firing_for: 5m}
`;

class Bench {
  readonly board = new LeaseBoard();
  readonly sink = new MemorySink(new MemorySource());
  readonly bucket = new MemoryBucket();
  /** A slot of the group `g` of /r.yml. */
  readonly slotMs = slotAt(groupSchedule("/r.yml", "g", MINUTE_MS), 1_000_000_000_000);
  readonly clock = new FakeClock(this.slotMs + 1);

  async ruler(id: string, definitions: readonly GroupDefinition[] = definitionsOf(RULES), source?: SampleSource) {
    const fixture = await createRulerFixture({ bucket: this.bucket, sink: this.sink, ...(source && { source }) });
    const manager = new GroupManager({
      clock: this.clock,
      store: fixture.store,
      leases: this.board.of(id),
      createParts: fixture.createParts,
      createMeter: (definition) => fixture.metrics.groupMeter(definition),
      waitForData: async () => "complete",
      logger: fixture.logger,
    });
    await manager.apply(definitions);
    await this.clock.advance(0);
    return { manager, ...fixture };
  }

  up(value: number | "stale"): void {
    this.sink.source.append(Labels.fromObject(metric("up")), [{ timestampMs: this.clock.now(), value }]);
  }

  /** Times of the samples of `r`, in minutes after the first slot. */
  minutes(): number[] {
    const samples = this.sink.written.filter(({ series, value }) => series === "r" && value !== "stale");
    return samples.map(({ timestampMs }) => (timestampMs - this.slotMs) / MINUTE_MS);
  }
}

describe("group manager", () => {
  test("group manager - evaluates a group at its slots", async () => {
    const bench = new Bench();
    bench.up(1);
    await bench.ruler("a");
    await bench.clock.advance(3 * MINUTE_MS);
    expect(bench.minutes()).toEqual([1, 2, 3]);
  });

  test("group manager - after a restart firing and keep_firing_for go on as they were, nothing is evaluated twice", async () => {
    const bench = new Bench();
    bench.up(0);
    const first = await bench.ruler("a");
    await bench.clock.advance(3 * MINUTE_MS);
    expect(first.sent).toHaveLength(1);
    bench.up("stale");
    await bench.clock.advance(MINUTE_MS);
    await first.manager.close();
    bench.board.kill("a");
    const second = await bench.ruler("b");
    const [group] = second.manager.groups;
    const [, entry] = group?.rules ?? [];
    const alerts = entry?.rule.kind === "alerting" ? entry.rule.alerts : [];
    expect(alerts).toEqual([
      expect.objectContaining({
        state: "firing",
        activeAtMs: bench.slotMs + MINUTE_MS,
        firedAtMs: bench.slotMs + 3 * MINUTE_MS,
        keepFiringSinceMs: bench.slotMs + 4 * MINUTE_MS,
        lastSentAtMs: bench.slotMs + 3 * MINUTE_MS,
      }),
    ]);
    bench.sink.written.length = 0;
    await bench.clock.advance(4 * MINUTE_MS);
    expect(second.sent.at(-1)?.alerts[0]).toMatchObject({
      startsAt: new Date(bench.slotMs + 3 * MINUTE_MS).toISOString(),
    });
    expect(entry?.rule.kind === "alerting" && entry.rule.state).toBe("firing");
    await bench.clock.advance(MINUTE_MS);
    expect(entry?.rule.kind === "alerting" && entry.rule.state).toBe("inactive");
    expect(second.sent.at(-1)?.alerts[0]).toMatchObject({
      endsAt: new Date(bench.slotMs + 9 * MINUTE_MS).toISOString(),
    });
  });

  test("group manager - whoever takes over makes up for the slot that was missed, and for no other", async () => {
    const bench = new Bench();
    bench.up(1);
    await bench.ruler("a");
    await bench.clock.advance(2 * MINUTE_MS);
    bench.board.kill("a");
    bench.sink.fault = new Error("the dead ruler writes nothing");
    await bench.clock.advance(2 * MINUTE_MS);
    expect(bench.minutes()).toEqual([1, 2]);
    bench.sink.fault = undefined;
    // What the dead one would still keep.
    for (const key of bench.bucket.values.keys()) {
      if (key.startsWith("group.")) {
        await bench.bucket.put(key, JSON.stringify({ lastEvaluationMs: bench.slotMs + 2 * MINUTE_MS }));
      }
    }
    const second = await bench.ruler("b");
    await bench.clock.advance(0);
    expect(bench.minutes().filter((minute) => minute === 4)).toHaveLength(1);
    expect(bench.minutes()).not.toContain(3);
    await second.manager.close();
  });

  test("group manager - a clock that is set back does not stop the evaluation", async () => {
    const bench = new Bench();
    bench.up(1);
    await bench.ruler("a");
    await bench.clock.advance(MINUTE_MS);
    bench.clock.setBack(60 * MINUTE_MS);
    await bench.clock.advance(3 * MINUTE_MS);
    expect(bench.minutes().slice(1)).not.toHaveLength(0);
  });

  test("group manager - groups are shared by the rulers that there are, and move when one dies", async () => {
    const bench = new Bench();
    const many = definitionsOf(
      `groups:\n${Array.from({ length: 20 }, (_, i) => `- {name: g${i}, rules: [{record: r, expr: up}]}\n`).join("")}`,
    );
    const first = await bench.ruler("a", many);
    expect(first.manager.groups).toHaveLength(20);
    const second = await bench.ruler("b", many);
    await bench.clock.advance(2000);
    const shares = [first.manager.groups.length, second.manager.groups.length];
    expect(shares[0]).toBeGreaterThan(3);
    expect(shares[1]).toBeGreaterThan(3);
    expect((shares[0] ?? 0) + (shares[1] ?? 0)).toBe(20);
    bench.board.kill("b");
    await bench.clock.advance(0);
    expect(first.manager.groups).toHaveLength(20);
  });

  test("group manager - a change keeps the state, what did not change goes on, a removed group is forgotten", async () => {
    const bench = new Bench();
    bench.up(0);
    const { manager, sent } = await bench.ruler("a");
    await bench.clock.advance(2 * MINUTE_MS);
    const [before] = manager.groups;
    await manager.apply(definitionsOf(RULES));
    expect(manager.groups[0]).toBe(before);
    await manager.apply(definitionsOf(RULES.replace("up == 0", "up < 1")));
    expect(manager.groups[0]).not.toBe(before);
    await bench.clock.advance(MINUTE_MS);
    expect(sent[0]?.alerts[0]).toMatchObject({ startsAt: new Date(bench.slotMs + 3 * MINUTE_MS).toISOString() });
    bench.sink.take();
    await manager.apply([]);
    expect(manager.groups).toEqual([]);
    expect([...bench.bucket.values.keys()]).toEqual([]);
    await bench.clock.advance(2 * MINUTE_MS);
    expect(bench.sink.take().toSorted()).toEqual([
      'ALERTS_FOR_STATE{alertname="A"} stale',
      'ALERTS{alertname="A", alertstate="firing"} stale',
      "r stale",
    ]);
  });

  test("group manager - closes although a query hangs", async () => {
    const bench = new Bench();
    let reads = 0;
    const select: SampleSource["select"] = async ({ signal }) => {
      reads++;
      return new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(new Error("stopped")), { once: true });
      });
    };
    const { manager } = await bench.ruler("a", definitionsOf(RULES), { select });
    await bench.clock.advance(MINUTE_MS);
    expect(reads).toBe(1);
    let isClosed = false;
    const closing = manager.close().then(() => {
      isClosed = true;
    });
    await bench.clock.advance(2999);
    expect(isClosed).toBe(false);
    await bench.clock.advance(1);
    await closing;
    expect(bench.sink.written).toEqual([]);
  });

  test("group manager - alert state is written when it changes, not with every evaluation", async () => {
    const bench = new Bench();
    bench.up(1);
    await bench.ruler("a");
    await bench.clock.advance(5 * MINUTE_MS);
    expect(bench.bucket.writes).toBe(5);
    expect([...bench.bucket.values.keys()]).toHaveLength(1);
  });
});
