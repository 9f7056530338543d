import { expect, test } from "vitest";

import { redisConfig } from "./redis.ts";

test("embedded redis - listens on loopback with a password, appends, and never evicts", () => {
  const config = redisConfig({ dataPath: "/a b", port: 6379, password: "p", maxMemoryBytes: 1024 }).split("\n");
  for (const line of ["bind 127.0.0.1", "requirepass p", "appendonly yes", "maxmemory-policy noeviction"]) {
    expect(config).toContain(line);
  }
  expect(config).toContain('dir "/a b"');
});
