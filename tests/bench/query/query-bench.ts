import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { startSystem, type SystemUnderTest } from "../ingest/system-under-test.ts";
import { benchQueries } from "./bench-queries.ts";
import { measureQuery, type QueryMeasurement } from "./measure-query.ts";
import { parseQueryOptions, type QueryBenchOptions } from "./query-bench-options.ts";
import { provideQueryLoad, type QueryLoad } from "./query-load.ts";
import { printQueryReport, type SystemMeasurement } from "./query-report.ts";
import { sendQueryLoad } from "./send-query-load.ts";

/** Loads the same samples into each system in turn and asks all the same queries; 1 where results disagree. */
export async function runQueryBench(args: readonly string[]): Promise<number> {
  const options = parseQueryOptions(args);
  const folder = options.keep ?? (await mkdtemp(join(tmpdir(), "monotreme-bench-")));
  await mkdir(folder, { recursive: true });
  try {
    const load = await provideQueryLoad(folder, options);
    console.log(
      `${load.samples} samples: ${load.series} noisy counters with 10 labels × ${load.hours} h at 15 s, one series × ` +
        `24 h, 200 classic buckets; ${cpus().length} × ${cpus()[0]?.model ?? "CPU"}`,
    );
    const measurements: SystemMeasurement[] = [];
    for (const name of options.systems) {
      const system = await startSystem(name, join(folder, name), options);
      if (system === undefined) {
        console.log(`${name}: not installed, left out`);
        continue;
      }
      try {
        await provideLoad(name, system, join(folder, name), load);
        for (const useCaches of [false, true]) {
          const queries = await measureQueries(system, load, options, useCaches);
          measurements.push({ name, version: system.version, useCaches, queries });
          console.log(`${name}: asked all with caches ${useCaches ? "on" : "off"}`);
        }
      } finally {
        await system.stop();
      }
    }
    return printQueryReport(measurements) ? 0 : 1;
  } finally {
    if (options.keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function provideLoad(name: string, system: SystemUnderTest, folder: string, load: QueryLoad): Promise<void> {
  const marker = join(folder, "loaded");
  const isLoaded = await access(marker).then(
    () => true,
    () => false,
  );
  if (isLoaded) return;
  const startMs = Date.now();
  const missing = await sendQueryLoad(system.url, load);
  const seconds = ((Date.now() - startMs) / 1000).toFixed(1);
  console.log(`${name}: loaded in ${seconds} s${missing === 0 ? "" : `, ${missing} samples are missing`}`);
  // What others acknowledge and lose is theirs to explain, but they must have the load.
  if (missing > (name === "ours" ? 0 : load.samples / 1000)) throw new Error(`${name} has not taken the load`);
  await writeFile(marker, "");
}

async function measureQueries(
  system: SystemUnderTest,
  load: QueryLoad,
  { runs }: QueryBenchOptions,
  useCaches: boolean,
): Promise<readonly QueryMeasurement[]> {
  const measured: QueryMeasurement[] = [];
  for (const query of benchQueries(load)) measured.push(await measureQuery(system, query, { runs, useCaches }));
  return measured;
}
