import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HeartbeatFixture } from "../heartbeat-fixture.ts";
import type { LoadedCheck } from "../checks/check-store.ts";
import { lastPingOf } from "./last-ping.ts";

const pingOf = (number: number, body: string) => ({ number, body: Buffer.from(body) });
let check: LoadedCheck;

beforeEach(async () => {
  const fixture = await new HeartbeatFixture().open();
  const created = await fixture.create({ name: "a" });
  check = { ...created, state: { ...created.state, pingCount: 2 } };
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("last ping - an older one is never shown in its place", async () => {
  expect(await lastPingOf(check, async () => pingOf(1, "all is well"), { isNew: false })).toBeUndefined();
  expect(await lastPingOf(check, async () => pingOf(2, ""), { isNew: false })).toEqual(pingOf(2, ""));
});

test("last ping - one that is still on its way is waited for, but not for ever", async () => {
  let recorded = pingOf(1, "before");
  const found = lastPingOf(check, async () => recorded, { isNew: true });
  await vi.advanceTimersByTimeAsync(200);
  recorded = pingOf(2, "now");
  await vi.advanceTimersByTimeAsync(100);
  expect(await found).toEqual(pingOf(2, "now"));
  const missing = lastPingOf(check, async () => pingOf(1, "before"), { isNew: true });
  await vi.advanceTimersByTimeAsync(2000);
  expect(await missing).toBeUndefined();
});
