import { describe, expect, test } from "vitest";
import { TenantRegistry } from "./tenant-registry.ts";

describe("tenant registry", () => {
  test("tenant registry - gives each tenant an index and a seed of its own, and keeps them", () => {
    const registry = new TenantRegistry(() => expect.unreachable());
    const [a, b] = [registry.get("a"), registry.get("b")];
    expect([a.index, b.index]).toEqual([0, 1]);
    expect(a.hashSeed).not.toEqual(b.hashSeed);
    expect(registry.get("a")).toBe(a);
  });

  test("tenant registry - starts anew beyond its limit and says so", () => {
    let resets = 0;
    const registry = new TenantRegistry(() => resets++, 3);
    const first = registry.get("0");
    for (let i = 1; i < 3; i++) registry.get(String(i));
    expect(resets).toBe(0);
    expect(registry.get("one more").index).toBe(0);
    expect(resets).toBe(1);
    expect(registry.get("0")).not.toEqual(first);
  });
});
