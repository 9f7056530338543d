import fc from "fast-check";
import { expect, test } from "vitest";
import { lateKeyOf, lateStretchOf } from "./late-samples.ts";

const NOW_MS = Date.UTC(2026, 5, 1, 12, 34, 56, 789);

test("late samples - the key of a sample stands for a stretch of its tenant that holds it", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-zA-Z0-9!\-_.*'()]{1,40}$/), fc.maxSafeInteger(), (tenant, timestampMs) => {
      const key = lateKeyOf(tenant, timestampMs, NOW_MS);
      expect(key).toMatch(/^[-/=.\w]+$/);
      const stretch = lateStretchOf(key);
      expect(stretch?.tenant).toBe(tenant);
      expect(stretch?.fromMs).toBeLessThanOrEqual(timestampMs);
      expect(stretch?.untilMs).toBeGreaterThanOrEqual(timestampMs);
    }),
  );
});

test("late samples - a tenant has few keys however its samples are spread", () => {
  const keys = new Set<string>();
  for (let ageMs = 0; ageMs < 4000 * 86_400_000; ageMs += 300_000) keys.add(lateKeyOf("t", NOW_MS - ageMs, NOW_MS));
  expect(keys.size).toBeLessThan(800);
});

test.each(["", "dA", "dA.x.1", "dA.m.", "dA.m.1e3", "dA.m.one"])("late samples - %j stands for nothing", (key) => {
  expect(lateStretchOf(key)).toBeUndefined();
});
