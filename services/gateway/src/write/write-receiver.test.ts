import { createSeriesHasher, Labels, type NativeHistogram, wordsOf, writeStaleAt } from "@monotreme/model";
import type { TenantIngestLimits } from "@monotreme/prometheus-config";
import { compressSnappy, encodeWriteRequest, encodeWriteRequestV2, type WriteSeries } from "@monotreme/remote-write";
import { Registry } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import { createGatewayMetrics } from "../metrics.ts";
import { SeriesCache } from "../series/series-cache.ts";
import { TenantRegistry } from "../series/tenant-registry.ts";
import { RecordingWriter } from "./recording-writer.ts";
import { WriteReceiver } from "./write-receiver.ts";

const DAY_MS = 86_400_000;
const NOW_MS = 20_000 * DAY_MS + 1000;

const hasher = await createSeriesHasher();

interface Fixture {
  readonly receiver: WriteReceiver;
  readonly writer: RecordingWriter;
  readonly dropped: (reason: string) => Promise<number>;
}

function createFixture(partitions = 1, limits: Readonly<Record<string, TenantIngestLimits>> = {}): Fixture {
  const writer = new RecordingWriter();
  const cache = new SeriesCache({ maxSeries: 1000, onRotate: () => undefined });
  const metrics = createGatewayMetrics(new Registry(), { bodyBytes: () => 0, cachedSeries: () => cache.size });
  const tenants = new TenantRegistry(() => cache.clear());
  const limitsOf = (tenant: string): TenantIngestLimits => limits[tenant] ?? {};
  const options = { writer, hasher, cache, tenants, metrics, partitions, limitsOf, now: () => NOW_MS };
  return {
    receiver: new WriteReceiver(options),
    writer,
    dropped: async (reason) => {
      const { values } = await metrics.droppedSamples.get();
      return values.find((value) => value.labels["reason"] === reason)?.value ?? 0;
    },
  };
}

function one(labels: Record<string, string>, ...samples: [timestampMs: number, value: number][]): WriteSeries {
  return {
    labels: Labels.fromObject(labels),
    timestampsMs: samples.map(([timestampMs]) => timestampMs),
    values: Float64Array.from(samples, ([, value]) => value),
  };
}

function bodyOf(...series: WriteSeries[]): Uint8Array {
  return compressSnappy(encodeWriteRequest(series));
}

describe("write receiver", () => {
  test("write receiver - appends every sample with its series' id and announces new series once", async () => {
    const { receiver, writer } = createFixture();
    const up = { __name__: "up", job: "a" };
    const body = bodyOf(one(up, [NOW_MS, 1], [NOW_MS - 5, 2]), one({ __name__: "down" }, [NOW_MS, 3]));
    expect(await receiver.write("t", body)).toMatchObject({ samples: 3 });
    await receiver.write("t", bodyOf(one(up, [NOW_MS + 1, 4])));
    const ids = new Set(writer.samples.map((sample) => sample.seriesId));
    expect(writer.samples.map(({ timestampMs, value }) => [timestampMs, value])).toEqual([
      [NOW_MS, 1],
      [NOW_MS - 5, 2],
      [NOW_MS, 3],
      [NOW_MS + 1, 4],
    ]);
    expect(ids.size).toBe(2);
    expect(writer.announced.map(({ labels, day }) => [String(labels), day])).toEqual([
      ['up{job="a"}', 20_000],
      ["down", 20_000],
    ]);
    const seriesId = hasher.seriesId("t", Labels.fromObject(up));
    expect(writer.announced[0]?.seriesId).toBe(`${seriesId >> 32n}:${seriesId & 0xffffffffn}`);
  });

  test("write receiver - announces again until an announcement is durable", async () => {
    const { receiver, writer } = createFixture();
    const body = bodyOf(one({ __name__: "up" }, [NOW_MS, 1]));
    writer.commitFault = new Error("not accepted");
    await expect(receiver.write("t", body)).rejects.toThrow("not accepted");
    writer.commitFault = undefined;
    await receiver.write("t", body);
    await receiver.write("t", body);
    expect(writer.announced.length).toBe(2);
    expect(writer.samples.length).toBe(3);
  });

  test("write receiver - announces a series on each day it has samples", async () => {
    const { receiver, writer } = createFixture();
    const labels = { __name__: "up" };
    await receiver.write("t", bodyOf(one(labels, [NOW_MS - DAY_MS, 1], [NOW_MS, 2])));
    await receiver.write("t", bodyOf(one(labels, [NOW_MS, 3])));
    await receiver.write("t", bodyOf(one(labels, [NOW_MS - 3 * DAY_MS, 4])));
    expect(writer.announced.map(({ day }) => day)).toEqual([19_999, 20_000, 19_997]);
  });

  test("write receiver - keeps tenants apart, with ids and announcements of their own", async () => {
    const { receiver, writer } = createFixture();
    const body = bodyOf(one({ __name__: "up" }, [NOW_MS, 1]));
    await receiver.write("a", body);
    await receiver.write("b", body);
    expect(writer.tenants).toEqual(["a", "b"]);
    expect(new Set(writer.announced.map(({ seriesId }) => seriesId)).size).toBe(2);
  });

  test("write receiver - puts all series of one target on one partition, also when known", async () => {
    const { receiver, writer } = createFixture(16);
    const targets = ["a", "b", "c", "d", "e"];
    const series = targets.flatMap((instance) =>
      ["x", "y"].map((name) => one({ __name__: name, job: "j", instance }, [NOW_MS, 1])),
    );
    await receiver.write("t", bodyOf(...series));
    const first = writer.samples.splice(0).map((sample) => sample.partition);
    await receiver.write("t", bodyOf(...series));
    expect(writer.samples.map((sample) => sample.partition)).toEqual(first);
    expect(first.filter((_, i) => i % 2 === 0)).toEqual(first.filter((_, i) => i % 2 === 1));
    expect(new Set(first).size).toBeGreaterThan(1);
  });

  test("write receiver - skips and counts series that have no name, stores the others", async () => {
    const { receiver, writer, dropped } = createFixture();
    const future: [number, number] = [NOW_MS + DAY_MS, 1];
    const body = bodyOf(
      one({ job: "a" }, [NOW_MS, 1], future),
      one({}, [NOW_MS, 1]),
      one({ __name__: "up" }, [NOW_MS, 7]),
    );
    expect(await receiver.write("t", body)).toMatchObject({ samples: 1 });
    expect(writer.samples.map(({ value }) => value)).toEqual([7]);
    expect([await dropped("no_metric_name"), await dropped("no_labels")]).toEqual([2, 1]);
  });

  test("write receiver - refuses a request that is spread over too many days, or names long labels on many", async () => {
    const { receiver, writer } = createFixture();
    const spread = (days: number, labels: Record<string, string> = {}): WriteSeries =>
      one(
        { __name__: "m", ...labels },
        ...Array.from({ length: days }, (_, i): [number, number] => [NOW_MS - i * DAY_MS, i]),
      );
    expect(await receiver.write("t", bodyOf(spread(400)))).toMatchObject({ samples: 400 });
    writer.samples.length = 0;
    await expect(receiver.write("t", bodyOf(spread(401)))).rejects.toThrow("401");
    const long = { long: "x".repeat(250_000) };
    await expect(receiver.write("t", bodyOf(spread(300, long)))).rejects.toMatchObject({
      code: "REMOTE_WRITE_TOO_SPREAD",
    });
    expect(writer.samples).toEqual([]);
  });

  test("write receiver - appends nothing of a request with a sample out of bounds", async () => {
    const { receiver, writer } = createFixture();
    const good = one({ __name__: "up" }, [NOW_MS, 1]);
    for (const timestampMs of [NOW_MS + 600_001, -1, Number.MAX_SAFE_INTEGER]) {
      const body = bodyOf(good, one({ __name__: "down" }, [timestampMs, 1]));
      await expect(receiver.write("t", body)).rejects.toThrow("out of bounds");
    }
    expect([writer.samples.length, writer.announced.length]).toEqual([0, 0]);
    await receiver.write("t", bodyOf(one({ __name__: "up" }, [NOW_MS + 600_000, 1], [0, 2])));
    expect(writer.samples.length).toBe(2);
  });

  test("write receiver - appends nothing of a body that breaks within the labels of a later series", async () => {
    const { receiver, writer } = createFixture();
    const plain = Buffer.from(encodeWriteRequest([one({ __name__: "a" }, [1, 1]), one({ __name__: "b" }, [1, 1])]));
    // The length of the last series' label name becomes longer than its label.
    plain[plain.lastIndexOf("__name__") - 1] = 60;
    await expect(receiver.write("t", compressSnappy(plain))).rejects.toThrow("not a readable protobuf message");
    expect([writer.samples.length, writer.announced.length]).toEqual([0, 0]);
  });

  test("write receiver - refuses before it reads the body while the writer is full", async () => {
    const { receiver, writer } = createFixture();
    writer.beginFault = new Error("full");
    await expect(receiver.write("t", Uint8Array.of(1, 2, 3))).rejects.toThrow("full");
  });

  test("write receiver - passes metadata on, again only after a while", async () => {
    const { receiver, writer } = createFixture();
    const up = { metric: "up", type: "gauge", help: "Whether it is up.", unit: "" } as const;
    const body = compressSnappy(encodeWriteRequest([], [up]));
    writer.commitFault = new Error("not accepted");
    await expect(receiver.write("t", body)).rejects.toThrow("not accepted");
    writer.commitFault = undefined;
    for (let i = 0; i < 3; i++) await receiver.write("t", body);
    await receiver.write("other", body);
    // The first was not durable.
    expect(writer.metadata).toEqual([up, up, up]);
  });

  test("write receiver - refuses a request of version 1 for one broken histogram", async () => {
    const { receiver, writer } = createFixture();
    // Histograms with a count of 3 and no buckets; field 4 of version 1.
    const name = [0x0a, 0x0e, 0x0a, 0x08, ...Buffer.from("__name__"), 0x12, 0x02, 0x75, 0x70];
    const series = [...name, 0x22, 0x02, 0x08, 0x03];
    const body = compressSnappy(Uint8Array.from([0x0a, series.length, ...series]));
    await expect(receiver.write("t", body)).rejects.toMatchObject({
      code: "REMOTE_WRITE_HISTOGRAM_INVALID",
      kind: "invalid",
    });
    expect([writer.histograms, writer.announced]).toEqual([[], []]);
  });
});

const HISTOGRAM: NativeHistogram = {
  schema: 3,
  counterResetHint: "not-reset",
  zeroThreshold: 0.001,
  zeroCount: 1,
  count: 6,
  sum: 12.5,
  positiveOffset: -2,
  positiveBuckets: [2, 0, 3],
  negativeOffset: 0,
  negativeBuckets: [],
  customBounds: [],
};

describe("write receiver - version 2", () => {
  const up = Labels.fromObject({ __name__: "up", job: "a" });

  test("write receiver - stores samples, histograms, exemplars, starts and metadata", async () => {
    const { receiver, writer } = createFixture();
    const trace = { labels: Labels.fromObject({ trace_id: "x" }), value: 0.5, timestampMs: NOW_MS - 1 };
    const metadata = { type: "counter", help: "Text.", unit: "" } as const;
    const requests = [
      {
        labels: up,
        timestampsMs: [NOW_MS],
        values: Float64Array.of(7),
        startTimestampsMs: [NOW_MS - 60_000],
        exemplars: [trace],
        metadata,
      },
      {
        labels: Labels.fromObject({ __name__: "latency" }),
        histograms: [{ timestampMs: NOW_MS, histogram: HISTOGRAM }],
      },
    ];
    const summary = await receiver.write("t", compressSnappy(encodeWriteRequestV2(requests)), 2);
    expect(summary).toEqual({ samples: 1, histograms: 1, exemplars: 1, faults: [] });
    const seriesId = hasher.seriesId("t", up);
    const id = `${seriesId >> 32n}:${seriesId & 0xffffffffn}`;
    expect(writer.samples).toEqual([{ partition: 0, seriesId: id, timestampMs: NOW_MS, value: 7 }]);
    expect(writer.starts).toEqual([{ seriesId: id, timestampMs: NOW_MS, startMs: NOW_MS - 60_000 }]);
    expect(writer.histograms.map(({ histogram }) => histogram)).toEqual([HISTOGRAM]);
    expect(writer.exemplars.map(({ labels, value }) => [String(labels), value])).toEqual([['{trace_id="x"}', 0.5]]);
    expect(writer.metadata).toEqual([{ metric: "up", ...metadata }]);
    expect(writer.announced.map(({ labels, day }) => [labels.metricName, day])).toEqual([
      ["up", 20_000],
      ["latency", 20_000],
    ]);
  });

  test("write receiver - stores what it can and tells what it left out", async () => {
    const { receiver, writer, dropped } = createFixture();
    const [at, late] = [NOW_MS, NOW_MS + DAY_MS];
    const requests = [
      { labels: up, timestampsMs: [at, late], values: Float64Array.of(1, 2) },
      { labels: Labels.fromObject({ job: "nameless" }), timestampsMs: [at], values: Float64Array.of(3) },
      { labels: Labels.fromObject({ __name__: "empty" }) },
      {
        labels: Labels.fromObject({ __name__: "broken" }),
        histograms: [
          { timestampMs: at, histogram: { ...HISTOGRAM, schema: -9 } },
          { timestampMs: at, histogram: HISTOGRAM },
        ],
      },
    ];
    const summary = await receiver.write("t", compressSnappy(encodeWriteRequestV2(requests)), 2);
    expect(summary).toMatchObject({ samples: 1, histograms: 1, exemplars: 0 });
    expect(summary.faults.join("; ")).toMatch(
      /neither samples nor histograms; .*schema -9 .*; .*no_metric_name.*: 1 samples; out of bounds: 1 samples/,
    );
    expect(writer.samples.map(({ value }) => value)).toEqual([1]);
    expect([await dropped("out_of_bounds"), await dropped("invalid_histogram")]).toEqual([1, 1]);
  });

  test("write receiver - a stale histogram is a sample with the marker, counted as a histogram", async () => {
    const { receiver, writer } = createFixture();
    const sum = new Float64Array(1);
    writeStaleAt(wordsOf(sum), 0);
    const histogram = { ...HISTOGRAM, sum: sum[0] ?? 0 };
    const requests = [{ labels: up, histograms: [{ timestampMs: NOW_MS, histogram }] }];
    const summary = await receiver.write("t", compressSnappy(encodeWriteRequestV2(requests)), 2);
    expect(summary).toMatchObject({ samples: 0, histograms: 1 });
    expect(writer.samples.map(({ value }) => value)).toEqual([Number.NaN]);
  });
});

test("write receiver - a request above its tenant's limits is refused whole", async () => {
  const limits = { few: { maxSeriesPerRequest: 1 }, small: { maxSamplesPerRequest: 2 } };
  const { receiver, writer } = createFixture(1, limits);
  const body = bodyOf(one({ __name__: "a" }, [NOW_MS, 1], [NOW_MS - 1, 2]), one({ __name__: "b" }, [NOW_MS, 3]));
  const code = "REMOTE_WRITE_TENANT_LIMIT";
  const few = { code, message: "the request has 2 series, the tenant's limit is 1" };
  await expect(receiver.write("few", body)).rejects.toMatchObject(few);
  const small = { code, message: "the request has 3 samples, the tenant's limit is 2" };
  await expect(receiver.write("small", body)).rejects.toMatchObject(small);
  expect(writer.samples).toEqual([]);
  expect(await receiver.write("other", body)).toMatchObject({ samples: 3 });
});
