import { expect, test } from "vitest";
import { ActiveQueries } from "./active-queries.ts";
import { MemoryGuard } from "./memory-guard.ts";

test("memory guard - ends the query that has read most, once the process has grown too much", () => {
  const active = new ActiveQueries();
  const ended: string[] = [];
  for (const [text, samplesRead] of [
    ["small", 10],
    ["large", 1000],
    ["waiting", 0],
  ] as const) {
    const entry = active.add({
      tenant: "a",
      kind: "instant",
      text,
      startedMs: 0,
      stop: () => {
        ended.push(text);
        active.remove(entry);
      },
    });
    entry.samplesRead = samplesRead;
    if (text !== "waiting") entry.state = "running-in-worker";
  }
  let residentBytes = 1000;
  const guard = new MemoryGuard({ maxBytes: 500, queries: () => active.all, residentBytes: () => residentBytes });
  guard.watch();
  residentBytes = 1500;
  guard.check();
  expect(ended).toEqual([]);
  residentBytes = 1501;
  guard.check();
  expect(ended).toEqual(["large"]);
  guard.check();
  expect(ended).toEqual(["large", "small"]);
  guard.check();
  expect(active.all.map(({ text }) => text)).toEqual(["waiting"]);
});
