import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startOf, WINDOW_MS } from "@monotreme/blocks";
import { OURS_COMMAND } from "../ingest/bench-options.ts";
import { startSystem } from "../ingest/system-under-test.ts";
import { NODE_EXPORTER, readRecording, type Recording, recordExporter, writeRecording } from "./recording.ts";
import type { FleetShape } from "./fleet.ts";
import { sendFleet } from "./send-fleet.ts";
import { type StoredSize, sizeOf } from "./stored-size.ts";

const COMMAND = `${OURS_COMMAND} --compactor.delay=0s --compactor.late-delay=0s --compactor.grace=1s --compactor.interval=500ms`;

interface Case extends FleetShape {
  readonly system: string;
}

/** How many bytes a sample takes on disk, at several intervals and with more or less jitter, beside the peers. */
export async function runStorageBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      systems: { type: "string", default: "ours,prometheus,victoria-metrics" },
      intervals: { type: "string", default: "15,1" },
      jitters: { type: "string", default: "0,50" },
      samples: { type: "string", default: "2500000" },
      record: { type: "string" },
      exporter: { type: "string", default: "http://127.0.0.1:9100/metrics" },
    },
  });
  if (values.record !== undefined) {
    await writeRecording(NODE_EXPORTER, await recordExporter(values.exporter, Number(values.record)));
    return 0;
  }
  const recording = await readRecording(NODE_EXPORTER);
  // All of it in one window that is over, so that blocks are made at once.
  const endMs = startOf(Date.now(), WINDOW_MS);
  const numbers = (list: string): number[] => list.split(",").map(Number);
  console.log(`two recorded hours of node_exporter, ${recording.names.length} series, replicated over targets`);
  for (const intervalSeconds of numbers(values.intervals)) {
    const perTarget = (recording.names.length * recording.seconds) / intervalSeconds;
    const targets = Math.max(2, Math.round(Number(values.samples) / perTarget));
    for (const jitterMs of numbers(values.jitters)) {
      const shape = { targets, intervalSeconds, jitterMs, endMs };
      console.log(`\n${targets} targets every ${intervalSeconds} s, jitter ±${jitterMs} ms`);
      for (const system of values.systems.split(",")) await measure(recording, { ...shape, system });
    }
  }
  return 0;
}

async function measure(recording: Recording, shape: Case): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "monotreme-storage-"));
  try {
    const options = { oursCommand: COMMAND, oursUrl: undefined, oursPid: undefined };
    const system = await startSystem(shape.system, folder, options);
    if (system === undefined) {
      console.log(`  ${shape.system}: not installed`);
      return;
    }
    try {
      const samples = await sendFleet(system.url, recording, shape);
      print(`${shape.system} ${system.version}`, samples, await sizeOf(shape.system, system.url, folder));
    } finally {
      await system.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function print(title: string, samples: number, { samplesBytes, indexBytes, parts }: StoredSize): void {
  const perSample = (bytes: number): string => (bytes / samples).toFixed(3);
  const details = [...parts].map(([name, bytes]) => `${name} ${perSample(bytes)}`).join(", ");
  console.log(
    `  ${title}: ${samples.toLocaleString("en")} samples, ${perSample(samplesBytes)} B/sample` +
      `, index ${perSample(indexBytes)}${details === "" ? "" : ` (${details})`}`,
  );
}
