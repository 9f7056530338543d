import type { MetricMetadata } from "@monotreme/model";
import { expect, test } from "vitest";
import { RecentMetadata } from "./recent-metadata.ts";

const UP: MetricMetadata = { metric: "up", type: "gauge", help: "Text.", unit: "" };

test("recent metadata - is new once, by tenant and by each of its texts", () => {
  const recent = new RecentMetadata(() => 0);
  expect(recent.isNew("t", UP)).toBe(true);
  recent.remember("t", UP);
  expect(recent.isNew("t", UP)).toBe(false);
  expect(recent.isNew("other", UP)).toBe(true);
  expect(recent.isNew("t", { ...UP, help: "Other." })).toBe(true);
});

test("recent metadata - is new again after ten minutes, and always where it is very long", () => {
  let nowMs = 0;
  const recent = new RecentMetadata(() => nowMs);
  const long = { ...UP, help: "x".repeat(2000) };
  for (const each of [UP, long]) recent.remember("t", each);
  expect([recent.isNew("t", UP), recent.isNew("t", long)]).toEqual([false, true]);
  nowMs = 600_001;
  expect(recent.isNew("t", UP)).toBe(true);
});
