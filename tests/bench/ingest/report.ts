/** What was measured of one system. */
export interface IngestResult {
  readonly name: string;
  readonly version: string;
  /** Until it had settled. */
  readonly cpuSecondsByProcess: ReadonlyMap<string, number>;
  /** Until every request was answered. */
  readonly wallSeconds: number;
  readonly samplesPerSecond: number;
  /** Processor time of all processes of the system until the last answer, and until it had settled. */
  readonly answeredCpuSeconds: number;
  readonly settledCpuSeconds: number;
  readonly generatorCpuSeconds: number;
  readonly slowestAnswerMs: number;
  /** From the last answer until a count over all samples was exact; undefined where it was not timed. */
  readonly exactAfterMs: number | undefined;
  /** From each answer until its samples were seen, sorted; undefined where that was not measured. */
  readonly delaysMs: readonly number[] | undefined;
  readonly peakBytes: number;
  readonly failure: string | undefined;
}

type Row = readonly [title: string, cell: (result: IngestResult) => string];

/** Prints a table with a column a system, and the ratios of ours to each of the others. */
export function printResults(results: readonly IngestResult[], samples: number): void {
  const rows: readonly Row[] = [
    ["version", (result) => result.version],
    ["wall until answered, s", (result) => result.wallSeconds.toFixed(2)],
    ["samples/s, wall", (result) => Math.round(result.samplesPerSecond).toLocaleString("en")],
    ["CPU-s until answered", (result) => result.answeredCpuSeconds.toFixed(2)],
    ["CPU-s until settled", (result) => result.settledCpuSeconds.toFixed(2)],
    ["samples/CPU-s, settled", (result) => Math.round(samples / result.settledCpuSeconds).toLocaleString("en")],
    ["generator CPU-s", (result) => result.generatorCpuSeconds.toFixed(2)],
    ["slowest answer, ms", (result) => result.slowestAnswerMs.toFixed(0)],
    ["answered to visible p50 / max, ms", (result) => delayText(result.delaysMs)],
    ["answered to exact count, ms", (result) => String(result.exactAfterMs ?? "not timed")],
    ["peak RSS, MiB", (result) => (result.peakBytes / 2 ** 20).toFixed(0)],
    ["processes", (result) => String(result.cpuSecondsByProcess.size)],
    ["result", (result) => (result.failure === undefined ? "exact" : "FAILED")],
  ];
  const titleWidth = Math.max(...rows.map(([title]) => title.length));
  const widths = results.map((result) => Math.max(result.name.length, ...rows.map(([, cell]) => cell(result).length)));
  const line = (title: string, cells: readonly string[]): string =>
    [title.padEnd(titleWidth), ...cells.map((cell, i) => cell.padStart(widths[i] ?? 0))].join("  ");
  console.log(
    line(
      "",
      results.map((result) => result.name),
    ),
  );
  for (const [title, cell] of rows) console.log(line(title, results.map(cell)));
  const ours = results.find((result) => result.name === "ours");
  if (ours === undefined) return;
  for (const [name, seconds] of ours.cpuSecondsByProcess) {
    if (seconds >= 0.05) console.log(`ours, ${name}: ${seconds.toFixed(2)} CPU-s`);
  }
  for (const other of results) {
    if (other === ours) continue;
    const wall = ours.samplesPerSecond / other.samplesPerSecond;
    const cpu = other.settledCpuSeconds / ours.settledCpuSeconds;
    console.log(`ours / ${other.name}: ${wall.toFixed(2)} by wall, ${cpu.toFixed(2)} by CPU-second`);
  }
}

function delayText(delaysMs: readonly number[] | undefined): string {
  if (delaysMs === undefined || delaysMs.length === 0) return "not seen";
  const median = delaysMs[Math.floor(delaysMs.length / 2)] ?? 0;
  return `${median} / ${delaysMs[delaysMs.length - 1] ?? 0}`;
}
