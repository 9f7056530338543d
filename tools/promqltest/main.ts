import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf } from "@monotreme/errors";
import {
  type EvaluationReport,
  parseScript,
  runOnEngine,
  runScript,
  type ScriptStore,
} from "@monotreme/promql/testing";
import { startStoredScripts } from "./stored-scripts.ts";

const USAGE = "usage: npm run promqltest -- [FILE…] [--through=memory|storage] [--verbose]";
/** Prometheus' scripts lie beside the repository where they are at hand. */
const DEFAULT_FOLDER = fileURLToPath(new URL("../../../shared/promqltest/", import.meta.url));

const THROUGH_STORAGE = "--through=storage";
const OPTIONS: readonly string[] = ["--verbose", "--through=memory", THROUGH_STORAGE];

interface Totals {
  passed: number;
  failed: number;
  histogramsFailed: number;
  histograms: number;
}

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const options = words.filter((word) => word.startsWith("-"));
  const unknown = options.find((word) => !OPTIONS.includes(word));
  if (unknown !== undefined) return refuse(`unknown option ${unknown}\n${USAGE}`);
  const named = words.filter((word) => !word.startsWith("-"));
  const files = named.length > 0 ? named : defaultFiles();
  if (files.length === 0) return refuse(`no script given and none found in ${DEFAULT_FOLDER}\n${USAGE}`);
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length > 0) return refuse(missing.map((file) => `no such file: ${file}`).join("\n"));
  const totals: Totals = { passed: 0, failed: 0, histograms: 0, histogramsFailed: 0 };
  const stored = options.includes(THROUGH_STORAGE) ? await startStoredScripts() : undefined;
  try {
    const isVerbose = options.includes("--verbose");
    // Files wait for the storage in turn, so two at a time use it better; in memory it makes no difference.
    const queue = files.values();
    const work = async (): Promise<void> => {
      for (const file of queue) await runFile(file, isVerbose, totals, stored?.createStore());
    };
    await Promise.all([work(), work()]);
  } finally {
    await stored?.close();
  }
  console.log(
    `With native histograms: ${totals.histograms - totals.histogramsFailed} of ${totals.histograms} evaluations passed; ` +
      `without: ${totals.passed + totals.histogramsFailed - totals.histograms} of ` +
      `${totals.passed + totals.failed - totals.histograms}.`,
  );
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  return totals.failed === 0 ? 0 : 1;
}

async function runFile(file: string, isVerbose: boolean, totals: Totals, store?: ScriptStore): Promise<void> {
  let reports: readonly EvaluationReport[];
  try {
    reports = await runScript(parseScript(file, readFileSync(file, "utf8")), runOnEngine(), store);
  } catch (thrown) {
    // A script that cannot be read counts as one failure, so that it is never overlooked.
    console.log(`FAIL ${messageOf(thrown)}`);
    totals.failed++;
    return;
  }
  const failed = reports.filter(({ failure }) => failure !== undefined);
  for (const report of isVerbose ? reports : failed) print(file, report);
  totals.passed += reports.length - failed.length;
  totals.failed += failed.length;
  totals.histograms += reports.filter(({ usesHistograms }) => usesHistograms).length;
  totals.histogramsFailed += failed.filter(({ usesHistograms }) => usesHistograms).length;
  console.log(`${basename(file)}: ${reports.length - failed.length} of ${reports.length} passed`);
}

function print(file: string, { line, query, failure }: EvaluationReport): void {
  if (failure === undefined) console.log(`ok   ${file}:${line}: ${query}`);
  else console.log(`FAIL ${file}:${line}: ${query}\n     ${failure}`);
}

function defaultFiles(): string[] {
  if (!existsSync(DEFAULT_FOLDER)) return [];
  const names = readdirSync(DEFAULT_FOLDER).filter((name) => name.endsWith(".test"));
  return names.sort().map((name) => join(DEFAULT_FOLDER, name));
}

function refuse(text: string): number {
  console.error(text);
  return 1;
}
