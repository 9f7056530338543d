import { DeliveryError } from "@monotreme/receivers";
import { describe, expect, test } from "vitest";
import { CoreFixture } from "./core-fixture.ts";
import { configOf } from "./routing-fixture.ts";

const refused = (retryAfterMs?: number): DeliveryError =>
  new DeliveryError("busy", { isRetryable: true, reason: "rateLimited", retryAfterMs });

describe("delivering", () => {
  test("tries again with growing pauses until the service takes it", async () => {
    const core = await CoreFixture.start(configOf({}));
    const tries: number[] = [];
    core.service = async () => {
      tries.push(core.second);
      if (tries.length < 4) throw refused();
      return {};
    };
    await core.fire("A");
    await core.until(20);
    expect(tries).toEqual([10, 10.5, 11.25, 12.375]);
    expect(core.sent).toEqual(["12.375 default/webhook first notification: A"]);
    expect(core.records.map(({ outcome, attempts }) => [outcome, attempts])).toEqual([["sent", 4]]);
  });

  test("waits as long as the service asks", async () => {
    const core = await CoreFixture.start(configOf({}));
    let tries = 0;
    core.service = async () => {
      if (tries++ === 0) throw refused(20_000);
      return {};
    };
    await core.fire("A");
    expect(await core.until(60)).toEqual(["30 default/webhook first notification: A"]);
  });

  test("ends at the group's next flush, which tries anew", async () => {
    const core = await CoreFixture.start(configOf({}));
    core.service = async () => {
      throw refused(25_000);
    };
    await core.fire("A");
    await core.until(70);
    expect(core.records.map(({ outcome, flushMs }) => [outcome, flushMs / 1000 - Date.UTC(2026) / 1000])).toEqual([
      ["failed", 10],
    ]);
    core.service = async () => ({});
    expect(await core.until(100)).toEqual(["95 default/webhook first notification: A"]);
  });

  test("a fault that no other try can mend ends it at once, counted by its reason", async () => {
    const core = await CoreFixture.start(configOf({}));
    core.service = async () => {
      throw new DeliveryError("no such token", { isRetryable: false, reason: "authError" });
    };
    await core.fire("A");
    await core.until(20);
    const { values } = await core.metrics.notifications.failed.get();
    expect(values.filter(({ value }) => value > 0)).toEqual([
      { labels: { integration: "webhook", reason: "authError" }, value: 1 },
    ]);
    expect(core.records).toMatchObject([{ outcome: "failed", error: "no such token" }]);
  });

  test("with a short interval a flush waits until the one before is over", async () => {
    const core = await CoreFixture.start(configOf({ groupIntervalMs: 1000 }));
    let underWay = 0;
    let most = 0;
    core.service = async () => {
      most = Math.max(most, ++underWay);
      await new Promise<void>((resolve) => core.clock.after(3000, resolve));
      underWay--;
      return {};
    };
    await core.fire("A");
    await core.until(11.5);
    await core.fire("B");
    expect(await core.until(30)).toEqual([
      "13 default/webhook first notification: A",
      "16 default/webhook new alerts added: A B",
    ]);
    expect(most).toBe(1);
  });

  test("with a short interval what was given up is tried again at the next flush", async () => {
    const core = await CoreFixture.start(configOf({ groupIntervalMs: 1000 }));
    let tries = 0;
    core.service = async () => {
      if (++tries < 3) throw new DeliveryError("no", { isRetryable: false, reason: "clientError" });
      return {};
    };
    await core.fire("A");
    expect(await core.until(20)).toEqual(["12 default/webhook first notification: A"]);
  });

  test("one that hangs does not keep the others waiting, and is broken off at the next flush", async () => {
    const integrations = [
      { name: "slow", sendResolved: true },
      { name: "quick", sendResolved: true },
    ];
    const core = await CoreFixture.start(configOf({}), { integrations });
    let aborted = 0;
    let calls = 0;
    core.service = async (_, signal) => {
      if (calls++ > 0) return {};
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          aborted = core.second;
          reject(new DeliveryError("broken off", { isRetryable: true, reason: "contextDeadlineExceeded" }));
        });
      });
    };
    await core.fire("A");
    expect(await core.until(60)).toEqual(["10 default/quick first notification: A"]);
    expect(await core.until(80)).toEqual(["70.3 default/slow first notification: A"]);
    expect(aborted).toBe(70);
  });

  test("what one integration could not be told does not keep it from another", async () => {
    const integrations = [
      { name: "broken", sendResolved: true },
      { name: "whole", sendResolved: true },
    ];
    const core = await CoreFixture.start(configOf({}), { integrations });
    let calls = 0;
    core.service = async () => {
      if (calls++ % 2 === 0) throw new DeliveryError("no", { isRetryable: false, reason: "clientError" });
      return {};
    };
    await core.fire("A");
    expect(await core.until(60)).toEqual(["10 default/whole first notification: A"]);
    await core.resolve("A");
    core.service = async () => ({});
    expect(await core.until(80)).toEqual(["70 default/whole all alerts resolved: -A"]);
  });

  test("what a service left is handed to it with the next message of the group", async () => {
    const core = await CoreFixture.start(configOf({}));
    const seen: Readonly<Record<string, string>>[] = [];
    core.service = async ({ receiverData }) => {
      seen.push(receiverData);
      return seen.length === 1 ? { receiverData: { id: "42" } } : {};
    };
    await core.fire("A");
    await core.until(20);
    await core.fire("B");
    await core.until(80);
    await core.resolve("A");
    await core.until(140);
    expect(seen).toEqual([{}, { id: "42" }, { id: "42" }]);
  });

  test("a mark left by a process that died is taken over, one of a process that lives is not", async () => {
    for (const [holder, expected] of [
      ["dead", ["10 default/webhook first notification: A"]],
      ["alive", []],
    ] as const) {
      const core = await CoreFixture.start(configOf({}));
      await core.fire("A");
      await core.until(5);
      await core.markAsSending("default", "webhook", holder);
      expect(await core.until(60)).toEqual(expected);
    }
  });
});
