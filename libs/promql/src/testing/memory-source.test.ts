import { isStaleAt, Labels, Matcher, wordsOf } from "@monotreme/model";
import { expect, test } from "vitest";
import type { SelectRequest } from "../sample-source.ts";
import { parsePoints } from "./parse-points.ts";
import { MemorySource } from "./memory-source.ts";

const A = Labels.fromObject({ __name__: "a", x: "1" });

function request(change: Partial<SelectRequest> = {}): SelectRequest {
  const matchers = [new Matcher("=", "__name__", "a")];
  return { matchers, afterMs: -Infinity, untilMs: Infinity, stepMs: 0, functionName: "", ...change };
}

test("memory source - gives samples after the start up to the end, sorted, the later append of a time", async () => {
  const source = new MemorySource();
  source.append(
    A,
    [3, 1, 2].map((at) => ({ timestampMs: at, value: at * 10 })),
  );
  source.append(A, [{ timestampMs: 2, value: 7 }]);
  source.append(Labels.fromObject({ __name__: "b" }), [{ timestampMs: 2, value: 1 }]);
  const [series, ...others] = await source.select(request({ afterMs: 1, untilMs: 3 }));
  expect(others).toEqual([]);
  expect(series?.labels.equals(A)).toBe(true);
  expect([...(series?.timestamps ?? [])]).toEqual([2, 3]);
  expect([...(series?.values ?? [])]).toEqual([7, 30]);
  expect(await source.select(request({ afterMs: 3 }))).toEqual([]);
});

test("memory source - keeps staleness markers as bits and start timestamps", async () => {
  const source = new MemorySource();
  source.append(A, [
    { timestampMs: 1, value: Number.NaN, startTimestampMs: 0 },
    { timestampMs: 2, value: "stale" },
  ]);
  const [series] = await source.select(request());
  const words = wordsOf(series?.values ?? new Float64Array());
  expect([isStaleAt(words, 0), isStaleAt(words, 1)]).toEqual([false, true]);
  expect(series?.startTimestamps).toEqual(Float64Array.of(0, Number.NaN));
});

test("memory source - gives histograms the counter reset hints of a storage", async () => {
  const source = new MemorySource();
  const points = parsePoints("{{count:1}} {{count:2}} {{count:1}} 5 {{count:3}} {{counter_reset_hint:gauge}}");
  const samples = points.map((point, timestampMs) => ({
    timestampMs,
    value: point.kind === "histogram" ? point.histogram : 5,
  }));
  source.append(A, samples);
  const [series] = await source.select(request());
  expect(series?.histograms?.map((histogram) => histogram?.counterResetHint)).toEqual([
    "unknown",
    "not-reset",
    "unknown",
    undefined,
    "unknown",
    "gauge",
  ]);
});

test("memory source - refuses to load too many samples and stops when told", async () => {
  const source = new MemorySource();
  source.append(
    A,
    [1, 2, 3].map((timestampMs) => ({ timestampMs, value: 0 })),
  );
  await expect(source.select(request({ maxSamples: 3 }))).resolves.toHaveLength(1);
  await expect(source.select(request({ maxSamples: 2 }))).rejects.toMatchObject({ code: "QUERY_TOO_MANY_SAMPLES" });
  await expect(source.select(request({ signal: AbortSignal.abort(new Error("enough")) }))).rejects.toThrow("enough");
});
