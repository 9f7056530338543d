import { describe, expect, test } from "vitest";
import type { SilenceMatcher, SilenceRequest } from "./silence.ts";
import { silenceStateAt } from "./silence.ts";
import { SilenceFixture } from "./silence-fixture.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function matcher(name: string, value: string, { isRegex = false, isEqual = true } = {}): SilenceMatcher {
  return { name, value, isRegex, isEqual };
}

describe("silence store", () => {
  test("silence store - a new silence is in force at once and gone at its end", async () => {
    const fixture = new SilenceFixture();
    const store = await fixture.open();
    const id = await store.set(fixture.request());
    expect(store.silencedBy({ alertname: "A", job: "x" })).toEqual([id]);
    expect(store.silencedBy({ alertname: "B" })).toEqual([]);
    fixture.nowMs += HOUR_MS - 1;
    expect(store.silencedBy({ alertname: "A" })).toEqual([id]);
    fixture.nowMs += 1;
    expect(store.silencedBy({ alertname: "A" })).toEqual([]);
    expect(store.countByState()).toEqual({ active: 0, pending: 0, expired: 1 });
  });

  test("silence store - a start in the past is moved to now, one to come is kept", async () => {
    const fixture = new SilenceFixture();
    const store = await fixture.open();
    const past = await store.set(fixture.request({ startsAtMs: fixture.nowMs - HOUR_MS }));
    expect(store.get(past)?.startsAtMs).toBe(fixture.nowMs);
    const toCome = await store.set(fixture.request({ startsAtMs: fixture.nowMs + MINUTE_MS }));
    expect(store.silencedBy({ alertname: "A" })).toEqual([past]);
    fixture.nowMs += MINUTE_MS;
    expect(store.silencedBy({ alertname: "A" })).toEqual([past, toCome]);
  });

  test("silence store - matchers are of all kinds, and a missing label counts as empty", async () => {
    const fixture = new SilenceFixture();
    const store = await fixture.open();
    const f = async (matchers: readonly SilenceMatcher[], labels: Record<string, string>, expected: boolean) => {
      const id = await store.set(fixture.request({ matchers }));
      expect(store.silencedBy(labels).includes(id), JSON.stringify([matchers, labels])).toBe(expected);
      await store.expire(id);
    };
    await f([matcher("a", "1"), matcher("b", "2")], { a: "1", b: "2" }, true);
    await f([matcher("a", "1"), matcher("b", "2")], { a: "1" }, false);
    await f([matcher("a", "1"), matcher("b", "")], { a: "1" }, true);
    await f([matcher("a", "1", { isEqual: false }), matcher("b", "2")], { b: "2" }, true);
    await f([matcher("a", "x|y", { isRegex: true })], { a: "y" }, true);
    await f([matcher("a", "x|y", { isRegex: true })], { a: "xy" }, false);
    await f([matcher("a", "x.*", { isRegex: true, isEqual: false }), matcher("b", "1")], { a: "z", b: "1" }, true);
    await f([matcher("a", "x.*", { isRegex: true, isEqual: false }), matcher("b", "1")], { a: "xz", b: "1" }, false);
    await f([matcher("__proto__", "1")], JSON.parse('{"__proto__": "1"}'), true);
    await f([matcher("constructor", ".+", { isRegex: true })], {}, false);
  });

  test("silence store - refuses what can never be meant", async () => {
    const fixture = new SilenceFixture();
    const store = await fixture.open();
    const f = async (matchers: readonly SilenceMatcher[], message: RegExp): Promise<void> =>
      expect(store.set(fixture.request({ matchers }))).rejects.toThrow(message);
    await f([], /at least one matcher required/);
    await f([matcher("a", "")], /at least one matcher must not match the empty string/);
    await f([matcher("a", ".*", { isRegex: true })], /at least one matcher must not match the empty string/);
    await f([matcher("a", "(", { isRegex: true })], /invalid label matcher 0/);
    await f([matcher("", "x")], /invalid label matcher 0/);
    expect(store.list()).toEqual([]);
    await expect(store.set(fixture.request({ id: "unknown" }))).rejects.toMatchObject({ code: "SILENCE_NOT_FOUND" });
    await expect(store.expire("unknown")).rejects.toMatchObject({ code: "SILENCE_NOT_FOUND" });
  });

  test("silence store - a change keeps the id only where the past stays as it was", async () => {
    const f = async (first: Partial<SilenceRequest>, change: Partial<SilenceRequest>, isSameId: boolean) => {
      const fixture = new SilenceFixture();
      const store = await fixture.open();
      const start = fixture.nowMs;
      const at = (request: Partial<SilenceRequest>): Partial<SilenceRequest> => ({
        ...request,
        ...(request.startsAtMs === undefined ? {} : { startsAtMs: start + request.startsAtMs }),
        ...(request.endsAtMs === undefined ? {} : { endsAtMs: start + request.endsAtMs }),
      });
      const base = fixture.request(at(first));
      const id = await store.set(base);
      fixture.nowMs += MINUTE_MS;
      const nextId = await store.set({ ...base, ...at(change), id });
      expect(nextId === id, JSON.stringify([first, change])).toBe(isSameId);
      const old = store.get(id);
      if (old === undefined) throw new Error("the old silence is gone");
      if (!isSameId) expect(silenceStateAt(old, fixture.nowMs)).toBe("expired");
      expect(store.get(nextId)?.endsAtMs).toBe(at(change).endsAtMs ?? base.endsAtMs);
    };
    const other = [matcher("alertname", "B")];
    await f({}, { endsAtMs: 3 * HOUR_MS }, true);
    await f({}, { startsAtMs: 999 }, true);
    await f({}, { startsAtMs: 1000 }, false);
    await f({}, { matchers: other }, false);
    await f({ startsAtMs: HOUR_MS, endsAtMs: 2 * HOUR_MS }, { startsAtMs: HOUR_MS + MINUTE_MS }, true);
    await f({ startsAtMs: HOUR_MS, endsAtMs: 2 * HOUR_MS }, { startsAtMs: 0 }, false);
    await f({ startsAtMs: HOUR_MS, endsAtMs: 2 * HOUR_MS }, { matchers: other }, false);
    await f({ endsAtMs: 1000 }, { endsAtMs: HOUR_MS }, false);
  });

  test("silence store - ending is idempotent; a pending silence never was in force", async () => {
    const fixture = new SilenceFixture();
    const store = await fixture.open();
    const active = await store.set(fixture.request());
    const pending = await store.set(fixture.request({ startsAtMs: fixture.nowMs + MINUTE_MS }));
    fixture.nowMs += 1000;
    await store.expire(active);
    await store.expire(pending);
    expect(store.get(active)).toMatchObject({ endsAtMs: fixture.nowMs, updatedAtMs: fixture.nowMs });
    expect(store.get(pending)).toMatchObject({ startsAtMs: fixture.nowMs, endsAtMs: fixture.nowMs });
    const endedAtMs = fixture.nowMs;
    fixture.nowMs += 1000;
    await store.expire(active);
    expect(store.get(active)?.endsAtMs).toBe(endedAtMs);
    expect(fixture.changes.map(({ kind }) => kind)).toEqual(["created", "created", "expired", "expired"]);
  });

  test("silence store - keeps within its limits, counting ended silences too", async () => {
    const fixture = new SilenceFixture();
    const store = await fixture.open({ maxSilences: 2, maxSilenceSizeBytes: 1000 });
    const id = await store.set(fixture.request());
    await store.expire(await store.set(fixture.request()));
    await expect(store.set(fixture.request())).rejects.toMatchObject({
      code: "SILENCE_LIMIT",
      message: "exceeded maximum number of silences: 3 (limit: 2)",
    });
    await expect(store.set({ ...fixture.request({ comment: "x".repeat(1000) }), id })).rejects.toThrow(
      /silence exceeded maximum size: \d+ bytes \(limit: 1000 bytes\)/,
    );
    await store.set({ ...fixture.request({ comment: "longer" }), id });
    expect(store.get(id)?.comment).toBe("longer");
  });

  test("silence store - what ended is kept for the retention and then forgotten everywhere", async () => {
    const fixture = new SilenceFixture();
    const store = await fixture.open();
    const id = await store.set(fixture.request());
    fixture.nowMs += 121 * HOUR_MS;
    expect(await store.collectGarbage()).toBe(0);
    fixture.nowMs += 1;
    expect(await store.collectGarbage()).toBe(1);
    expect(store.get(id)).toBeUndefined();
    expect(fixture.bucket.entries.size).toBe(0);
  });

  test("silence store - a new process finds what others left, and skips what it cannot read", async () => {
    const fixture = new SilenceFixture();
    const id = await (await fixture.open()).set(fixture.request());
    await fixture.bucket.put("broken", new TextEncoder().encode("{"), 0);
    const store = await fixture.open();
    expect(store.silencedBy({ alertname: "A" })).toEqual([id]);
    expect(store.unreadable).toBe(1);
  });

  test("silence store - two replicas that change one silence both succeed, one after the other", async () => {
    const fixture = new SilenceFixture();
    const [left, right] = [await fixture.open(), await fixture.open()];
    const id = await left.set(fixture.request());
    fixture.bucket.beforePut = async () => right.expire(id);
    const newId = await left.set({ ...fixture.request({ endsAtMs: fixture.nowMs + 2 * HOUR_MS }), id });
    expect(newId).not.toBe(id);
    expect(right.silencedBy({ alertname: "A" })).toEqual([newId]);
  });

  test("silence store - a write whose answer was lost is not made twice", async () => {
    const fixture = new SilenceFixture();
    const store = await fixture.open();
    const put = fixture.bucket.put.bind(fixture.bucket);
    fixture.bucket.put = async (id, value, lastRevision) => {
      await put(id, value, lastRevision);
      return undefined;
    };
    const id = await store.set(fixture.request());
    expect(store.list().map((silence) => silence.id)).toEqual([id]);
  });

  test("silence store - many silences cost an alert only those of its labels", async () => {
    const fixture = new SilenceFixture();
    const store = await fixture.open();
    for (let i = 0; i < 2000; i++) {
      await store.set(fixture.request({ matchers: [matcher("instance", `i${i}`)] }));
    }
    const startedMs = performance.now();
    let hits = 0;
    for (let i = 0; i < 20_000; i++) hits += store.silencedBy({ alertname: "A", instance: `i${i}` }).length;
    expect(hits).toBe(2000);
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});
