import { expect, test } from "vitest";
import { MemoryBucket } from "../heartbeat-fixture.ts";
import { HeartbeatSecret } from "./heartbeat-secret.ts";

test("secret - all who open it at once and later have the same, others have another", async () => {
  const bucket = new MemoryBucket();
  const [first, second] = await Promise.all([HeartbeatSecret.open(bucket), HeartbeatSecret.open(bucket)]);
  const later = await HeartbeatSecret.open(bucket);
  const other = await HeartbeatSecret.open(new MemoryBucket());
  const ids = [first, second, later, other].map((secret) => secret?.checkId("p", "slug", "a"));
  expect(new Set(ids.slice(0, 3)).size).toBe(1);
  expect(ids[3]).not.toBe(ids[0]);
  expect(first?.sign("a", "b")).not.toBe(first?.sign("ab"));
  expect(first?.sign("a")).toMatch(/^[\w-]{43}$/);
});
