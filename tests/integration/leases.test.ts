import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { type Bus, connectBus, Leases } from "@monotreme/bus";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { eventually, startNats, type TestServer } from "@monotreme/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/** Three times as long as any pause of a busy machine. */
const TTL_MS = 3000;
/** What happens while tests wait for it does not happen because a lease ran out. */
const ENDLESS_MS = 3_600_000;

interface Member {
  readonly bus: Bus;
  readonly leases: Leases;
  readonly events: string[];
}

describe("leases", () => {
  let nats: TestServer;
  let members: Member[];
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    nats = await startNats();
    members = [];
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    for (const { bus, leases } of members) {
      await leases.close();
      await bus.close();
    }
    await nats.stop();
  });

  const join = async (name: string, keys: readonly string[], ttlMs = TTL_MS): Promise<Member> => {
    const bus = await connectBus({ url: nats.url, name, logger: createSilentLogger(), registry: new Registry() });
    const leases = await Leases.open(bus, { holder: name, ttlMs, replicas: 1 });
    const events: string[] = [];
    for (const key of keys) {
      const onAcquired = (): unknown => events.push(`+${key}`);
      const onLost = (): unknown => events.push(`-${key}`);
      leases.keep(key, { onAcquired, onLost });
    }
    const member = { bus, leases, events };
    members.push(member);
    return member;
  };

  test("one of two holds, and a release passes the lease on at once", async () => {
    const first = await join("first", ["dispatch"], ENDLESS_MS);
    await eventually(() => first.events.length === 1);
    const second = await join("second", ["dispatch"], ENDLESS_MS);
    await eventually(() => second.leases.holderOf("dispatch") === first.leases.id);
    expect(second.events).toEqual([]);
    await first.leases.close();
    await eventually(() => second.events.length === 1);
    expect(first.events).toEqual(["+dispatch", "-dispatch"]);
    expect(second.events).toEqual(["+dispatch"]);
  });

  test("who ends in order is not counted any more at once, and leaves no key behind", async () => {
    const [first, second] = [await join("first", ["dispatch"], ENDLESS_MS), await join("second", [])];
    await eventually(() => second.leases.aliveHolders.length === 2);
    await first.leases.close();
    await eventually(() => second.leases.aliveHolders.length === 1);
    const filter = `$KV.leases.holder.${first.leases.id}`;
    const info = async () => second.bus.manager.streams.info("KV_leases", { subjects_filter: filter });
    await eventually(async () => expect((await info()).state.subjects ?? {}).toEqual({}));
  });

  test("hundreds of keys are held with one sign of life, and none by two", async () => {
    const keys = Array.from({ length: 300 }, (_, i) => `group.${i}`);
    const [first, second] = await Promise.all([join("first", keys), join("second", keys)]);
    await eventually(() => first.events.length + second.events.length === keys.length);
    expect(new Set([...first.events, ...second.events]).size).toBe(keys.length);
    const { state } = await first.bus.manager.streams.info("KV_leases");
    const before = state.last_seq;
    await new Promise((resolve) => setTimeout(resolve, TTL_MS));
    const after = (await first.bus.manager.streams.info("KV_leases")).state.last_seq;
    expect(after - before).toBeLessThan(12);
    expect(first.events.length + second.events.length).toBe(keys.length);
  });

  test("a killed holder is followed after its ttl, not before", async () => {
    const child = spawn(process.execPath, ["--import", "tsx", "-e", HOLDER_PROGRAM, nats.url, String(TTL_MS)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const { stdout } = child;
    if (stdout === null) throw new Error("the child has no output");
    await once(stdout, "data");
    const heir = await join("heir", ["dispatch"]);
    await eventually(() => heir.leases.holderOf("dispatch") !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 2 * TTL_MS));
    expect(heir.events).toEqual([]);
    const killedAt = performance.now();
    child.kill("SIGKILL");
    await eventually(() => heir.events.length === 1, { intervalMs: 10 });
    expect(performance.now() - killedAt).toBeGreaterThan(TTL_MS / 2);
  });

  test("a holder that cannot reach the server gives up before others may follow, and one holds it afterwards", async () => {
    const first = await join("first", ["dispatch"]);
    await eventually(() => first.events.length === 1);
    const second = await join("second", ["dispatch"]);
    await nats.kill();
    // Without the server nobody can follow: it gives up by its own clock.
    await eventually(() => first.events.length === 2);
    await nats.restart();
    await eventually(() => first.events.length + second.events.length === 3);
    const holders = [first, second].filter(({ events }) => events.at(-1) === "+dispatch");
    expect(holders).toHaveLength(1);
    await holders[0]?.leases.close();
    const other = holders[0] === first ? second : first;
    await eventually(() => other.events.at(-1) === "+dispatch");
  });

  test("who does not want a lease now leaves it to others", async () => {
    const first = await join("first", []);
    const events: string[] = [];
    let isWilling = false;
    first.leases.keep("dispatch", {
      onAcquired: () => events.push("+"),
      onLost: () => events.push("-"),
      mayAcquire: () => isWilling,
    });
    const second = await join("second", ["dispatch"]);
    await eventually(() => second.events.length === 1);
    expect(events).toEqual([]);
    isWilling = true;
    await second.leases.close();
    await eventually(() => events.length === 1);
  });
});

const HOLDER_PROGRAM = `
import { connectBus, Leases } from "@monotreme/bus";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
const [url, ttl] = process.argv.slice(-2);
const run = async () => {
  const bus = await connectBus({ url, name: "child", logger: createSilentLogger(), registry: new Registry() });
  const leases = await Leases.open(bus, { holder: "child", ttlMs: Number(ttl), replicas: 1 });
  leases.keep("dispatch", { onAcquired: () => process.stdout.write("held\\n"), onLost: () => undefined });
};
void run();
`;
