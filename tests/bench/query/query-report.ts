import { differenceOf } from "./compare-results.ts";
import type { QueryMeasurement } from "./measure-query.ts";

/** What was measured of one system, with or without its caches. */
export interface SystemMeasurement {
  readonly name: string;
  readonly version: string;
  readonly useCaches: boolean;
  readonly queries: readonly QueryMeasurement[];
}

/** Relative; rounding differs, meaning must not. */
const MAX_DIFFERENCE = 1e-6;

/** Prints the tables, ours first; answers whether all results that must agree do. */
export function printQueryReport(measurements: readonly SystemMeasurement[]): boolean {
  for (const useCaches of [false, true]) {
    const shown = measurements.filter((one) => one.useCaches === useCaches);
    if (shown.length > 0) printTable(`caches ${useCaches ? "on" : "off"}`, shown);
  }
  return printComparison(measurements);
}

function printTable(title: string, systems: readonly SystemMeasurement[]): void {
  const header = [title, ...systems.map(({ name, version }) => `${name} ${version}`)];
  const rows = (systems[0]?.queries ?? []).map(({ query }, row) => [
    query.name,
    ...systems.map(({ queries }) => cellOf(queries[row])),
  ]);
  const table = [header, ["", ...systems.map(() => "wall p50 / max / first, CPU, ms")], ...rows];
  const widths = header.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const row of table) {
    console.log(
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  "),
    );
  }
  const ours = systems.find(({ name }) => name === "ours");
  for (const other of systems) {
    if (ours === undefined || other === ours) continue;
    const ratios = ours.queries.map(({ query, medianMs, cpuMs }, row) => {
      const theirs = other.queries[row];
      const wall = (theirs?.medianMs ?? Number.NaN) / medianMs;
      return `${query.name} ${wall.toFixed(2)} (CPU ${((theirs?.cpuMs ?? Number.NaN) / cpuMs).toFixed(2)})`;
    });
    console.log(`ours is quicker than ${other.name} by: ${ratios.join("; ")}`);
  }
  console.log("");
}

function cellOf(measurement: QueryMeasurement | undefined): string {
  if (measurement === undefined) return "";
  const { medianMs, slowestMs, firstMs, cpuMs } = measurement;
  const times = [medianMs, slowestMs, firstMs].map((ms) => ms.toFixed(ms < 100 ? 1 : 0)).join(" / ");
  return `${times}, ${cpuMs.toFixed(cpuMs < 100 ? 1 : 0)}`;
}

function printComparison(measurements: readonly SystemMeasurement[]): boolean {
  const [reference] = measurements;
  let isSame = true;
  for (const other of measurements.slice(1)) {
    const words = (reference?.queries ?? []).map(({ query, result }, row) => {
      const theirs = other.queries[row]?.result;
      const difference = theirs === undefined ? "missing" : differenceOf(result, theirs);
      // With its cache VictoriaMetrics moves the times of a query to whole steps.
      const isVictoria = other.name === "victoria-metrics";
      const mustAgree = !isVictoria || (query.isSameInVictoriaMetrics && !other.useCaches);
      const agrees = typeof difference === "number" && difference <= MAX_DIFFERENCE;
      if (mustAgree && !agrees) isSame = false;
      const shown = typeof difference === "number" ? difference.toExponential(1) : difference;
      return `${query.name} ${shown}${mustAgree ? (agrees ? "" : " DIFFERS") : " (other semantics)"}`;
    });
    const caches = other.useCaches ? "caches on" : "caches off";
    console.log(`${reference?.name} against ${other.name}, ${caches}, largest difference: ${words.join("; ")}`);
  }
  return isSame;
}
