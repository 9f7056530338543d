import { AppError } from "@monotreme/errors";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { describe, expect, test, vi } from "vitest";
import { ServiceScope } from "./service-scope.ts";

function createScope(): ServiceScope {
  return new ServiceScope({ logger: createSilentLogger(), registry: new Registry() }, () => undefined);
}

describe("service scope", () => {
  test("releases in reverse order, one after the other, once", async () => {
    const scope = createScope();
    const events: string[] = [];
    for (const name of ["first", "second", "third"]) {
      await scope.acquire(name, () => ({
        close: async () => {
          events.push(`${name} closing`);
          await Promise.resolve();
          events.push(`${name} closed`);
        },
      }));
    }
    const deadline = AbortSignal.timeout(1000);
    expect(await Promise.all([scope.close(deadline), scope.close(deadline)])).toEqual([true, true]);
    const order = ["third", "second", "first"].flatMap((name) => [`${name} closing`, `${name} closed`]);
    expect(events).toEqual(order);
  });

  test("a failing close is told and does not keep the others from closing", async () => {
    const scope = createScope();
    let isClosed = false;
    await scope.acquire("good", () => ({
      close: async () => {
        isClosed = true;
      },
    }));
    await scope.acquire("bad", () => ({ close: async () => Promise.reject(new Error("no")) }));
    expect(await scope.close(AbortSignal.timeout(1000))).toBe(false);
    expect(isClosed).toBe(true);
  });

  test("a close that hangs past the deadline is left behind", async () => {
    const scope = createScope();
    let isClosed = false;
    await scope.acquire("good", () => ({
      close: async () => {
        isClosed = true;
      },
    }));
    await scope.acquire("hanging", () => ({ close: async () => new Promise<void>(() => undefined) }));
    expect(await scope.close(AbortSignal.abort())).toBe(false);
    expect(isClosed).toBe(true);
  });

  test("a server that is away is waited for, told once a minute, and any other fault ends the start", async () => {
    vi.useFakeTimers();
    const logger = createSilentLogger();
    const told = vi.spyOn(logger, "warn");
    const scope = new ServiceScope({ logger, registry: new Registry() }, () => undefined);
    let attempts = 0;
    const reached = scope.reach(async () => {
      if (++attempts <= 70) throw new AppError("TEST_AWAY", "unavailable", "the server at x does not answer");
      return "found";
    });
    await vi.advanceTimersByTimeAsync(80_000);
    expect(await reached).toBe("found");
    expect(told.mock.calls).toEqual([
      [{ reason: "the server at x does not answer" }, "waiting"],
      [{ reason: "the server at x does not answer" }, "waiting"],
    ]);
    vi.useRealTimers();
    const refused = scope.reach(async () => Promise.reject(new AppError("TEST_WRONG", "invalid", "wrong")));
    await expect(refused).rejects.toThrow("wrong");
  });

  test("reload runs every handler in turn and rejects with the first fault", async () => {
    const scope = createScope();
    const events: string[] = [];
    scope.onReload(async () => void events.push("first"));
    scope.onReload(async () => Promise.reject(new Error("broken file")));
    await expect(scope.reload()).rejects.toThrow("broken file");
    expect(events).toEqual(["first"]);
  });

  test("what secures addresses is read again last, and closed last", async () => {
    const scope = createScope();
    const events: string[] = [];
    await scope.secure(async () => ({
      tls: undefined,
      headers: () => new Map(),
      admit: () => "denied",
      reload: async () => void events.push("security read"),
      close: async () => void events.push("security closed"),
    }));
    await scope.acquire("other", () => ({ close: async () => void events.push("other closed") }));
    scope.onReload(async () => void events.push("other read"));
    await scope.reload();
    await scope.close(AbortSignal.timeout(1000));
    expect(events).toEqual(["other read", "security read", "other closed", "security closed"]);
  });
});
