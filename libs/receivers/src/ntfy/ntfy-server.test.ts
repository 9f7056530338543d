import { describe, expect, test } from "vitest";

import { NtfyServer, NtfyServers } from "./ntfy-server.ts";

const LIMIT = { burst: 3, refillMs: 5_000 };
const START_MS = Date.UTC(2026, 0, 2, 23, 59, 0);

/** A clock whose waits pass at once and are kept. */
function fakeClock(): {
  nowMs: number;
  waits: number[];
  now(): number;
  wait(ms: number, s: AbortSignal): Promise<void>;
} {
  return {
    nowMs: START_MS,
    waits: [],
    now() {
      return this.nowMs;
    },
    async wait(ms, signal) {
      if (signal.aborted) throw new Error("aborted");
      this.waits.push(ms);
      this.nowMs += ms;
    },
  };
}

const FREE = new AbortController().signal;

describe("ntfy server", () => {
  test("ntfy server - the burst goes out at once, then one request every refill", async () => {
    const clock = fakeClock();
    const server = new NtfyServer(clock, LIMIT);
    for (let i = 0; i < 5; i++) await server.acquire(FREE);
    expect(clock.waits).toEqual([5_000, 5_000]);
    clock.nowMs += 60_000;
    for (let i = 0; i < 4; i++) await server.acquire(FREE);
    expect(clock.waits).toEqual([5_000, 5_000, 5_000]);
  });

  test("ntfy server - a wait that is too long is refused with the time to come back", async () => {
    const clock = fakeClock();
    const server = new NtfyServer(clock, { burst: 1, refillMs: 20_000 });
    await server.acquire(FREE);
    const tooFar = { isRetryable: true, reason: "rateLimited", retryAfterMs: 20_000 };
    await expect(server.acquire(FREE)).rejects.toMatchObject(tooFar);
    // A refused request took no place.
    await expect(server.acquire(FREE)).rejects.toMatchObject(tooFar);
    clock.nowMs += 20_000;
    await server.acquire(FREE);
  });

  test("ntfy server - a signal ends the wait and gives the place back", async () => {
    const clock = fakeClock();
    const ended = new AbortController();
    const server = new NtfyServer(
      {
        ...clock,
        now: () => clock.nowMs,
        wait: async () => {
          ended.abort();
          throw new Error("aborted");
        },
      },
      { burst: 1, refillMs: 4_000 },
    );
    await server.acquire(FREE);
    const refused = { isRetryable: true, reason: "rateLimited", retryAfterMs: 4_000 };
    await expect(server.acquire(ended.signal)).rejects.toMatchObject(refused);
    await expect(server.acquire(ended.signal)).rejects.toMatchObject(refused);
  });

  test("ntfy server - refusals double the time it is left alone, up to ten minutes", async () => {
    const clock = fakeClock();
    const server = new NtfyServer(clock, LIMIT);
    const waits = Array.from({ length: 9 }, () => {
      const { retryAfterMs } = server.noteTooMany(undefined);
      clock.nowMs += retryAfterMs ?? 0;
      return retryAfterMs;
    });
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 600, 600].map((seconds) => seconds * 1000));
    server.noteTaken();
    expect(server.noteTooMany(undefined).retryAfterMs).toBe(5_000);
    expect(server.noteTooMany(90_000).retryAfterMs).toBe(90_000);
    await expect(server.acquire(FREE)).rejects.toMatchObject({ isRetryable: true, retryAfterMs: 90_000 });
  });

  test("ntfy server - a spent quota is final until midnight UTC", async () => {
    const clock = fakeClock();
    const server = new NtfyServer(clock, LIMIT);
    const spent = { isRetryable: false, reason: "rateLimited", retryAfterMs: 60_000 };
    expect(server.noteQuotaSpent()).toMatchObject(spent);
    await expect(server.acquire(FREE)).rejects.toMatchObject(spent);
    clock.nowMs += 60_000;
    await server.acquire(FREE);
  });

  test("ntfy server - messages get shorter by halves down to a kilobyte", () => {
    const server = new NtfyServer(fakeClock(), LIMIT);
    expect(server.messageLimitBytes).toBe(4096);
    expect([server.shrinkMessages(), server.messageLimitBytes]).toEqual([true, 2048]);
    expect([server.shrinkMessages(), server.messageLimitBytes]).toEqual([true, 1024]);
    expect(server.shrinkMessages()).toBe(false);
  });

  test("ntfy server - one for each address and user, anew when its limit changes", () => {
    const servers = new NtfyServers(fakeClock());
    const server = servers.at("http://a/", "me", LIMIT);
    expect(servers.at("http://a/", "me", { ...LIMIT })).toBe(server);
    expect(servers.at("http://a/", "you", LIMIT)).not.toBe(server);
    expect(servers.at("http://b/", "me", LIMIT)).not.toBe(server);
    expect(servers.at("http://a/", "me", { ...LIMIT, burst: 9 })).not.toBe(server);
  });
});
