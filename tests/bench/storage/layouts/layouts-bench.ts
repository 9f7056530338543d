import { parseArgs } from "node:util";
import { startOf, WINDOW_MS } from "@monotreme/blocks";
import { ClickHouse } from "@monotreme/clickhouse";
import { migrateStorage } from "@monotreme/storage";
import { createSilentLogger } from "@monotreme/telemetry";
import { startClickHouse } from "@monotreme/testkit";
import { type FleetShape, fleetTargets } from "../fleet.ts";
import { NODE_EXPORTER, readRecording, type Recording } from "../recording.ts";
import { medianOf, numberText, printTable } from "../text-table.ts";
import { allLayouts, type Layout } from "./layouts.ts";
import { LOADED, type LoadedFleet, type LoadedSeries, loadFleet } from "./load-fleet.ts";
import { type LayoutRead, readLayout, type ReadSamples } from "./read-layout.ts";

const DAY_SECONDS = 86_400;

const JITTER_MS = 50;
/** Each read is done so often; the median counts. */
const SMALL_READS = 9;
const LARGE_READS = 3;

interface Numbers {
  readonly samples: number;
  readonly targets: number;
  /** Of the recorded series every so many is read over a day. */
  readonly every: number;
}

/**
 * `npm run bench -- storage-layouts`: what the same samples take in ClickHouse, and how long they take to read, in the
 * layouts that were in question (ADR 14).
 */
export async function runLayoutsBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      samples: { type: "string", default: "2400000" },
      intervals: { type: "string", default: "15,1" },
      "day-targets": { type: "string", default: "20" },
      every: { type: "string", default: "10" },
    },
  });
  const recording = await readRecording(NODE_EXPORTER);
  console.log(
    `two recorded hours of node_exporter, ${recording.names.length} series, replicated over targets; jitter ±${JITTER_MS} ms` +
      "\npacked: granularity in chunks, and min_compress_block_size; arrays as packed with 256 and 256 KiB",
  );
  for (const intervalSeconds of values.intervals.split(",").map(Number)) {
    const perTarget = (recording.names.length * recording.seconds) / intervalSeconds;
    const targets = Math.max(2, Math.round(Number(values.samples) / perTarget));
    // All of one window.
    const endMs = startOf(Date.now(), WINDOW_MS);
    await inDatabase(async (clickhouse) =>
      reportSizes(clickhouse, recording, { targets, intervalSeconds, jitterMs: JITTER_MS, endMs }),
    );
  }
  const [targets, every] = [Number(values["day-targets"]), Number(values.every)];
  await inDatabase(async (clickhouse) => reportReads(clickhouse, recording, { samples: 0, targets, every }));
  return 0;
}

async function inDatabase(work: (clickhouse: ClickHouse) => Promise<void>): Promise<void> {
  const server = await startClickHouse();
  const clickhouse = new ClickHouse({ url: server.url, database: "monotreme" });
  try {
    await migrateStorage(clickhouse, { logger: createSilentLogger() });
    await clickhouse.command(LOADED);
    await work(clickhouse);
  } finally {
    await clickhouse.close();
    await server.stop();
  }
}

async function fill(clickhouse: ClickHouse, layout: Layout): Promise<void> {
  await clickhouse.command(layout.create);
  await clickhouse.command(layout.fill);
  await clickhouse.command(`OPTIMIZE TABLE ${layout.table} FINAL`);
}

async function reportSizes(clickhouse: ClickHouse, recording: Recording, shape: FleetShape): Promise<void> {
  const { samples } = await loadFleet(clickhouse, fleetTargets(recording, shape));
  console.log(
    `\nbytes a sample: ${shape.targets} targets every ${shape.intervalSeconds} s for an hour, ` +
      `${numberText(samples)} samples, ${recording.seconds / shape.intervalSeconds} a chunk\n`,
  );
  const rows: string[][] = [];
  for (const layout of allLayouts()) {
    await fill(clickhouse, layout);
    const { values, timestamps, ids } = await sizesOf(clickhouse, layout);
    const cells = [values + timestamps + ids, values, timestamps, ids].map((bytes) => (bytes / samples).toFixed(3));
    rows.push([layout.name, ...cells]);
    await clickhouse.command(`DROP TABLE ${layout.table} SYNC`);
  }
  printTable(["B/sample", "all", "values", "timestamps", "ids, rest"], rows);
}

const VALUE_COLUMNS = new Set(["value", "mantissas", "exponent", "floats", "data"]);
const TIME_COLUMNS = new Set(["ts", "times"]);

async function sizesOf(clickhouse: ClickHouse, { table }: Layout) {
  const sizes = { values: 0, timestamps: 0, ids: 0 };
  const columns = await clickhouse.queryRows(`SELECT column, sum(column_data_compressed_bytes) AS bytes
    FROM system.parts_columns WHERE database = currentDatabase() AND active AND table = '${table}' GROUP BY column`);
  for (const { column, bytes } of columns) {
    const name = String(column);
    sizes[VALUE_COLUMNS.has(name) ? "values" : TIME_COLUMNS.has(name) ? "timestamps" : "ids"] += Number(bytes);
  }
  return sizes;
}

/** A day of few series of every target, so that there is something to leave out. */
async function reportReads(clickhouse: ClickHouse, recording: Recording, { targets, every }: Numbers): Promise<void> {
  const isKept = (_: unknown, i: number): boolean => i % every === 0;
  const part = {
    ...recording,
    names: recording.names.filter(isKept),
    values: recording.values.filter(isKept),
  };
  const endMs = startOf(Date.now(), DAY_SECONDS * 1000);
  const shape = { targets, intervalSeconds: 15, jitterMs: JITTER_MS, endMs, seconds: DAY_SECONDS };
  const loaded = await loadFleet(clickhouse, fleetTargets(part, shape));
  const reads = readsOf(loaded, endMs);
  console.log(
    `\nms to read into columns of doubles here: ${targets} targets, ${part.names.length} series each, every 15 s for a ` +
      `day, ${numberText(loaded.samples)} samples; medians of ${SMALL_READS} and ${LARGE_READS}\n`,
  );
  const rows: string[][] = [];
  const first = new Map<string, ReadSamples>();
  for (const layout of allLayouts()) {
    await fill(clickhouse, layout);
    const cells: string[] = [];
    for (const [name, read] of reads) {
      const { ms, result } = await timed(clickhouse, layout, read);
      const expected = first.get(name) ?? result;
      first.set(name, expected);
      checkSame(`${layout.name}, ${name}`, result, expected);
      cells.push(ms.toFixed(1));
    }
    rows.push([layout.name, ...cells]);
    await clickhouse.command(`DROP TABLE ${layout.table} SYNC`);
  }
  const titles = reads.map(([name]) => `${name} (${numberText(first.get(name)?.samples ?? 0)})`);
  printTable(["ms (samples)", ...titles], rows);
}

/** The metric is the one with the most series. */
function readsOf({ series }: LoadedFleet, endMs: number): readonly (readonly [name: string, read: LayoutRead])[] {
  const byMetric = new Map<bigint, LoadedSeries[]>();
  for (const one of series) byMetric.set(one.metricId, [...(byMetric.get(one.metricId) ?? []), one]);
  const [largest = []] = [...byMetric.values()].toSorted((a, b) => b.length - a.length);
  const one = series[Math.floor(series.length / 2)]!;
  return [
    ["one series, a day", { series: one }],
    ["one metric, 2 h", { metricId: largest[0]!.metricId, startMs: endMs - 6 * WINDOW_MS }],
    ["everything", {}],
  ];
}

async function timed(
  clickhouse: ClickHouse,
  layout: Layout,
  read: LayoutRead,
): Promise<{ readonly ms: number; readonly result: ReadSamples }> {
  const isSmall = read.series !== undefined || read.metricId !== undefined;
  let result = await readLayout(clickhouse, layout, read);
  const times: number[] = [];
  for (let i = 0; i < (isSmall ? SMALL_READS : LARGE_READS); i++) {
    const startedMs = performance.now();
    result = await readLayout(clickhouse, layout, read);
    times.push(performance.now() - startedMs);
  }
  return { ms: medianOf(times), result };
}

function checkSame(what: string, read: ReadSamples, expected: ReadSamples): void {
  const difference = Math.abs(read.sum - expected.sum);
  if (read.samples === expected.samples && difference <= Math.abs(expected.sum) * 1e-9) return;
  throw new Error(`${what}: ${read.samples} samples that sum to ${read.sum}, not ${expected.samples}, ${expected.sum}`);
}
