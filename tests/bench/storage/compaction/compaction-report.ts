import { medianOf, numberText, printTable } from "../text-table.ts";

/** The state at the end of a phase: processor time since each process began, and what clients saw in the phase. */
export interface Snapshot {
  readonly phase: string;
  readonly atMs: number;
  readonly compactorSeconds: number;
  readonly querySeconds: number;
  readonly clickhouseSeconds: number;
  readonly queries: number;
  readonly instantMs: readonly number[];
  readonly rangeMs: readonly number[];
}

/** Samples a second that a core has to put into blocks. */
const WANTED = 150_000;

interface Phase {
  readonly name: string;
  readonly seconds: number;
  readonly compactor: number;
  readonly query: number;
  readonly clickhouse: number;
  readonly queries: number;
}

/**
 * Prints what each phase took. The first snapshot is the beginning, the second follows a phase with queries alone; what a
 * query costs ClickHouse there is taken off the others' time, and so is what the idle compactor costs.
 */
export function printCompaction(samples: number, snapshots: readonly Snapshot[]): void {
  const phases = snapshots.slice(1).map((end, i) => phaseOf(snapshots[i]!, end));
  const [alone, ...work] = phases as [Phase, ...Phase[]];
  const queryCost = alone.clickhouse / Math.max(1, alone.queries);
  const net = work.map((phase) => Math.max(0, phase.clickhouse - queryCost * phase.queries));
  const row = (name: string, seconds: number, compactor: number, clickhouse: number): string[] => [
    name,
    seconds.toFixed(1),
    numberText(samples / seconds),
    compactor.toFixed(2),
    clickhouse.toFixed(2),
    numberText(samples / (compactor + clickhouse)),
  ];
  const sum = (pick: (phase: Phase) => number): number => work.reduce((total, phase) => total + pick(phase), 0);
  // At the end it is waited for a time that says nothing.
  const wall = sum(({ seconds }) => seconds) - (work.at(-1)?.seconds ?? 0);
  const clickhouse = net.reduce((total, seconds) => total + seconds, 0);
  const cpu = sum(({ compactor }) => compactor) + clickhouse;
  console.log(`\nClickHouse without what queries cost it (${(queryCost * 1000).toFixed(1)} CPU-ms a query alone)\n`);
  printTable(
    ["phase", "wall s", "samples/s", "compactor CPU-s", "ClickHouse CPU-s", "samples/CPU-s"],
    [
      ...work.slice(0, -1).map((phase, i) => row(phase.name, phase.seconds, phase.compactor, net[i]!)),
      ...work.slice(-1).map(({ name, seconds, compactor }) => {
        const cells = row(name, seconds, compactor, net.at(-1)!);
        return [...cells.slice(0, 2), "", ...cells.slice(3, 5), ""];
      }),
      row(
        "all",
        wall,
        sum(({ compactor }) => compactor),
        clickhouse,
      ),
    ],
  );
  console.log("");
  printTable(
    ["queries", "instant p50 ms", "p99", "range p50 ms", "p99", "queries/s", "query CPU-s"],
    snapshots
      .slice(1)
      .map(({ phase, instantMs, rangeMs }, i) => [
        phase,
        ...[instantMs, rangeMs].flatMap((times) => [medianOf(times).toFixed(1), p99Of(times).toFixed(1)]),
        (phases[i]!.queries / phases[i]!.seconds).toFixed(1),
        phases[i]!.query.toFixed(2),
      ]),
  );
  const perCore = samples / cpu;
  const verdict = perCore >= WANTED ? "keeps pace" : "DOES NOT keep pace";
  console.log(
    `\n${numberText(perCore)} samples/s a core for raw, 5m, 1h, drops and merges together, beside queries: ` +
      `${verdict} with ${numberText(WANTED)} (${(perCore / WANTED).toFixed(1)} times)`,
  );
}

function phaseOf(begin: Snapshot, end: Snapshot): Phase {
  return {
    name: end.phase,
    seconds: (end.atMs - begin.atMs) / 1000,
    compactor: end.compactorSeconds - begin.compactorSeconds,
    query: end.querySeconds - begin.querySeconds,
    clickhouse: end.clickhouseSeconds - begin.clickhouseSeconds,
    queries: end.queries,
  };
}

function p99Of(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * 0.99)] ?? Number.NaN;
}
