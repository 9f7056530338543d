import { expect, test } from "vitest";

import { natsConfig } from "./nats.ts";

function f(version: string, syncsAlways: boolean): void {
  test(`embedded nats - ${version} ${syncsAlways ? "syncs each message" : "does not know sync_interval"}`, () => {
    const config = natsConfig({ dataPath: "/data", port: 4222, version });
    expect(config.includes("sync_interval: always")).toBe(syncsAlways);
  });
}

f("nats-server: v2.9.10", false);
f("nats-server: v2.9.25", false);
f("nats-server: v2.10.0", true);
f("nats-server: v2.12.1-preview.1", true);
f("nats-server: v3.0.0", true);
f("nats-server: dev", false);

test("embedded nats - listens on loopback only and quotes its folder", () => {
  const config = natsConfig({ dataPath: '/a "b"', port: 4222, version: "v2.9.10" });
  expect(config).toContain('listen: "127.0.0.1:4222"');
  expect(config).toContain('store_dir: "/a \\"b\\"/store"');
});
