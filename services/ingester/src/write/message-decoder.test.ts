import { SampleBatchBuilder } from "@monotreme/contracts";
import { Labels } from "@monotreme/model";
import { expect, test } from "vitest";
import { MessageDecoder } from "./message-decoder.ts";
import { MetadataCache } from "./metadata-cache.ts";
import { SeriesCache } from "./series-cache.ts";

const UP = Labels.fromObject({ __name__: "up", job: "a" });

function message(): Uint8Array {
  const builder = new SampleBatchBuilder("tenant");
  builder.announce(1, 2, 3, 4, 20_000, UP);
  builder.addMetadata({ metric: "up", type: "gauge", help: "Whether it is up.", unit: "" });
  builder.addSample(1, 2, 3, 4, 1_728_000_000_000, 5, 6);
  return builder.encode();
}

function createDecoder(now: () => number = () => 0): MessageDecoder {
  return new MessageDecoder(new SeriesCache(100), new MetadataCache(now));
}

test("message decoder - gives series and metadata out once", () => {
  const decoder = createDecoder();
  const first = decoder.decode(7, message());
  expect(first.sequence).toBe(7);
  expect(first.batch.sampleCount).toBe(1);
  expect(first.newSeries).toMatchObject([{ tenant: "tenant", metricIdLow: 1, seriesIdHigh: 4, day: 20_000 }]);
  expect(first.newSeries[0]?.labels.equals(UP)).toBe(true);
  expect(first.newMetadata).toMatchObject([{ tenant: "tenant", metric: "up", type: "gauge" }]);
  const second = decoder.decode(8, message());
  expect([second.newSeries, second.newMetadata]).toEqual([[], []]);
});

test("message decoder - metadata is written again after six hours", () => {
  let nowMs = 0;
  const decoder = createDecoder(() => nowMs);
  decoder.decode(1, message());
  nowMs = 6 * 3_600_000;
  expect(decoder.decode(2, message()).newMetadata).toHaveLength(1);
});

test("message decoder - a broken message leaves no trace", () => {
  const decoder = createDecoder();
  const whole = message();
  for (let length = 0; length < whole.length; length += 8) {
    const cut = whole.slice(0, length);
    expect(() => decoder.decode(1, cut), String(length)).toThrow();
  }
  expect(decoder.decode(2, whole).newSeries).toHaveLength(1);
});
