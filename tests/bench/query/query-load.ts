import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Labels } from "@monotreme/model";
import { compressSnappy, encodeWriteRequest, type WriteSeries } from "@monotreme/remote-write";
import type { QueryBenchOptions } from "./query-bench-options.ts";

export const STEP_MS = 15_000;
/** Prometheus takes nothing that is an hour older than its newest sample, so the load goes by slices of time. */
const SLICE_MS = 20 * 60_000;
const SERIES_PER_REQUEST = 50;
const LONG_HOURS = 24;
const LATENCY_INSTANCES = 20;
const LATENCY_BOUNDS = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "+Inf"];

/** A load on disk: the bodies one after another, and the byte ranges of each slice of time. */
export interface QueryLoad {
  readonly path: string;
  readonly slices: readonly (readonly (readonly [start: number, end: number])[])[];
  readonly samples: number;
  readonly bytes: number;
  /** No sample is newer. */
  readonly endMs: number;
  readonly series: number;
  readonly hours: number;
}

/** Writes the load, or reads what an earlier run with the same options left in the folder. */
export async function provideQueryLoad(folder: string, options: QueryBenchOptions): Promise<QueryLoad> {
  const description = join(folder, "load.json");
  const known = await readFile(description, "utf8").catch(() => undefined);
  if (known !== undefined) {
    const load = JSON.parse(known) as QueryLoad;
    if (load.series !== options.series || load.hours !== options.hours) throw new Error(`${folder} has another load`);
    return load;
  }
  const load = await writeQueryLoad(join(folder, "load"), options);
  await writeFile(description, JSON.stringify(load));
  return load;
}

async function writeQueryLoad(path: string, { series, hours }: QueryBenchOptions): Promise<QueryLoad> {
  const file = await open(path, "w");
  const endMs = Math.floor(Date.now() / 60_000) * 60_000;
  const startMs = endMs - hours * 3_600_000;
  const counters = Array.from({ length: series }, (_, id) => counterOf(id, startMs));
  const buckets = Array.from({ length: LATENCY_INSTANCES }, (_, id) => bucketsOf(id, startMs)).flat();
  const all = [longCounter(endMs), ...buckets, ...counters];
  const slices: [number, number][][] = [];
  let bytes = 0;
  let samples = 0;
  try {
    for (let sliceMs = endMs - LONG_HOURS * 3_600_000; sliceMs < endMs; sliceMs += SLICE_MS) {
      const ranges: [number, number][] = [];
      for (let at = 0; at < all.length; at += SERIES_PER_REQUEST) {
        const request = all
          .slice(at, at + SERIES_PER_REQUEST)
          .flatMap((one) => one.until(Math.min(sliceMs + SLICE_MS, endMs)) ?? []);
        if (request.length === 0) continue;
        for (const { timestampsMs } of request) samples += timestampsMs.length;
        const body = compressSnappy(encodeWriteRequest(request));
        await file.write(body);
        ranges.push([bytes, bytes + body.length]);
        bytes += body.length;
      }
      slices.push(ranges);
    }
  } finally {
    await file.close();
  }
  return { path, slices, samples, bytes, endMs, series, hours };
}

interface LoadSeries {
  /** The samples after those of the call before; undefined where there are none. */
  until(endMs: number): WriteSeries | undefined;
}

function counterOf(id: number, startMs: number): LoadSeries {
  const random = randomNumbers(id + 1);
  const labels = Labels.fromObject({
    __name__: "bench_requests_total",
    job: `job-${id % 10}`,
    instance: `host-${String(id % 200).padStart(4, "0")}.example.com:9100`,
    region: `eu-west-${id % 3}`,
    zone: `zone-${id % 7}`,
    namespace: "production",
    pod: `api-server-${String(id).padStart(6, "0")}`,
    container: "api",
    handler: `/api/v1/resource/${id % 20}`,
    code: String(200 + (id % 5)),
  });
  let value = id % 1000;
  // One in a thousand samples is a restart.
  const next = (): number => (value = random() < 0.001 ? 0 : value + Math.floor(random() * 100));
  return seriesOf(labels, startMs, phaseOf(id % 200), next);
}

function longCounter(endMs: number): LoadSeries {
  const random = randomNumbers(4242);
  const labels = Labels.fromObject({ __name__: "bench_long_total", job: "long", instance: "host-0000" });
  let value = 0;
  return seriesOf(labels, endMs - LONG_HOURS * 3_600_000, phaseOf(7), () => (value += Math.floor(random() * 100)));
}

/** The classic buckets of one instance; every bucket holds what the ones below it hold. */
function bucketsOf(instance: number, startMs: number): LoadSeries[] {
  const random = randomNumbers(100_000 + instance);
  return LATENCY_BOUNDS.map((le, bound) => {
    const labels = Labels.fromObject({
      __name__: "bench_latency_seconds_bucket",
      job: `job-${instance % 10}`,
      instance: `host-${instance}`,
      le,
    });
    let count = 0;
    // What a bound gets at least is what the bound below it gets at most, so the counts rise with the bounds.
    return seriesOf(labels, startMs, phaseOf(instance), () => (count += Math.floor(random() * 5) + bound * 5));
  });
}

function seriesOf(labels: Labels, startMs: number, phaseMs: number, next: () => number): LoadSeries {
  let atMs = startMs + phaseMs;
  return {
    until(endMs) {
      const timestampsMs: number[] = [];
      const values: number[] = [];
      for (; atMs < endMs; atMs += STEP_MS) {
        timestampsMs.push(atMs);
        values.push(next());
      }
      return timestampsMs.length === 0 ? undefined : { labels, timestampsMs, values: Float64Array.from(values) };
    },
  };
}

/** Below 5 s and never a multiple of it: no sample lies on the border of a window, which 2.42 counts in and 3 does not. */
function phaseOf(target: number): number {
  return 1 + ((target * 7919) % 4998);
}

/** Numbers in [0, 1), the same in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
