import { readdirSync, readFileSync } from "node:fs";

const CLOCK_TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

export interface TreeUsage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Processor seconds by process, named by its program or script. */
  readonly secondsByProcess: ReadonlyMap<string, number>;
}

interface ProcessStat {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  readonly session: number;
  readonly ticks: number;
  readonly pages: number;
}

/** Processor time and resident memory of a process, all its descendants and all of its session, from /proc. */
export function usageOfTree(rootPid: number): TreeUsage {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readStat(Number(pid)) ?? []);
  const members = new Set([rootPid]);
  for (let before = 0; before !== members.size; ) {
    before = members.size;
    for (const stat of all) if (members.has(stat.parent) || stat.session === rootPid) members.add(stat.pid);
  }
  const tree = all.filter((stat) => members.has(stat.pid));
  return {
    cpuSeconds: tree.reduce((sum, stat) => sum + stat.ticks, 0) / CLOCK_TICKS_PER_SECOND,
    residentBytes: tree.reduce((sum, stat) => sum + stat.pages, 0) * PAGE_BYTES,
    secondsByProcess: new Map(tree.map((stat) => [processName(stat), stat.ticks / CLOCK_TICKS_PER_SECOND])),
  };
}

/** Own time and that of children that have ended; undefined where the process is gone. */
function readStat(pid: number): ProcessStat | undefined {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The name stands in parentheses and may hold anything; the fields after it are numbered from the state on.
  const nameEnd = line.lastIndexOf(")");
  const fields = line
    .slice(nameEnd + 2)
    .split(" ")
    .map(Number);
  const at = (index: number): number => fields[index] ?? 0;
  return {
    pid,
    name: line.slice(line.indexOf("(") + 1, nameEnd),
    parent: at(1),
    session: at(3),
    ticks: at(11) + at(12) + at(13) + at(14),
    pages: at(21),
  };
}

function processName({ pid, name }: ProcessStat): string {
  let commandLine: string[];
  try {
    commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    commandLine = [];
  }
  const script = commandLine.find((argument) => /\.m?[jt]s$/.test(argument));
  return `${script?.split("/").slice(-3).join("/") ?? name} (${pid})`;
}
