import { LATE_AFTER_MS, lateKeyOf, SampleBatchBuilder } from "@monotreme/contracts";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { expect, test } from "vitest";
import { createIngesterMetrics } from "../metrics.ts";
import { LateAnnouncer } from "./late-announcer.ts";
import { type DecodedMessage, MessageDecoder } from "./message-decoder.ts";
import { MetadataCache } from "./metadata-cache.ts";
import { SeriesCache } from "./series-cache.ts";

const NOW_MS = Date.UTC(2026, 5, 1, 12, 5);
const HORIZON_MS = NOW_MS - LATE_AFTER_MS;

function messageOf(tenant: string, timestamps: readonly number[]): DecodedMessage {
  const builder = new SampleBatchBuilder(tenant);
  for (const timestampMs of timestamps) builder.addSample(1, 2, 3, 4, timestampMs, 5, 6);
  return new MessageDecoder(new SeriesCache(10), new MetadataCache(Date.now)).decode(1, builder.encode());
}

async function announced(...messages: readonly DecodedMessage[]): Promise<string[]> {
  const keys: string[] = [];
  const late = new LateAnnouncer({
    put: async (key) => void keys.push(key),
    metrics: createIngesterMetrics(new Registry()),
    logger: createSilentLogger(),
    now: () => NOW_MS,
  });
  await late.announce(messages, new AbortController().signal);
  return keys.sort();
}

test("late announcer - samples of the last minutes and of the future are not late", async () => {
  expect(await announced(messageOf("a", [HORIZON_MS, NOW_MS, NOW_MS + 1e9]))).toEqual([]);
});

test("late announcer - each stretch with late samples once, by tenant", async () => {
  const old = [HORIZON_MS - 1, HORIZON_MS - 3_600_000, HORIZON_MS - 3_600_001, NOW_MS];
  const keys = await announced(messageOf("a", old), messageOf("b", [HORIZON_MS - 1]));
  const expected = new Set([
    ...old.slice(0, 3).map((ts) => lateKeyOf("a", ts, NOW_MS)),
    lateKeyOf("b", HORIZON_MS - 1, NOW_MS),
  ]);
  expect(keys).toEqual([...expected].sort());
});

test("late announcer - times before 1970 are late", async () => {
  expect(await announced(messageOf("a", [-5, -(2 ** 40)]))).toEqual([lateKeyOf("a", -5, NOW_MS)]);
});
