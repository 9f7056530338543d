import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { AppError } from "@monotreme/errors";

/** A process by its id and by what tells it from a later process with the same id. */
interface ProcessStamp {
  readonly pid: number;
  readonly identity: string;
}

interface ProcessRecord {
  readonly owner: ProcessStamp;
  readonly child: ProcessStamp;
}

const FILE_NAME = "monotreme-process.json";
const STALE_GRACE_MS = 3_000;

/**
 * The note in a data folder of who runs the server on it. `claim` refuses a folder that a living process uses, and ends
 * a server that a killed one left behind, so that two servers never write to one folder.
 */
export class ProcessRecordFile {
  readonly #path: string;
  readonly #dataPath: string;

  constructor(dataPath: string) {
    this.#dataPath = dataPath;
    this.#path = join(dataPath, FILE_NAME);
  }

  /** Makes sure that no server works on the folder. Throws `EMBEDDED_DATA_IN_USE` when a living process owns one. */
  async claim(): Promise<void> {
    const record = await this.#read();
    if (record === undefined) return;
    const childLives = await lives(record.child);
    const ownerLives = await lives(record.owner);
    if (ownerLives && (childLives || record.owner.pid !== process.pid)) {
      throw new AppError(
        "EMBEDDED_DATA_IN_USE",
        "conflict",
        `the data folder ${this.#dataPath} is in use by process ${record.owner.pid}: stop it, or choose another folder with --storage.path`,
      );
    }
    if (childLives) await endStale(record.child);
    await this.remove();
  }

  /** Notes that this process runs `childPid` on the folder. */
  async write(childPid: number): Promise<void> {
    const [owner, child] = await Promise.all([identityOf(process.pid), identityOf(childPid)]);
    if (owner === undefined || child === undefined) return;
    const record: ProcessRecord = {
      owner: { pid: process.pid, identity: owner },
      child: { pid: childPid, identity: child },
    };
    await writeFile(this.#path, JSON.stringify(record), { mode: 0o600 });
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  async #read(): Promise<ProcessRecord | undefined> {
    try {
      return recordFrom(JSON.parse(await readFile(this.#path, "utf8")));
    } catch {
      return undefined; // no note, or one that a crash left half written: nothing to learn from it
    }
  }
}

function recordFrom(value: unknown): ProcessRecord | undefined {
  if (typeof value !== "object" || value === null || !("owner" in value) || !("child" in value)) return undefined;
  const owner = stampFrom(value.owner);
  const child = stampFrom(value.child);
  return owner === undefined || child === undefined ? undefined : { owner, child };
}

function stampFrom(value: unknown): ProcessStamp | undefined {
  if (typeof value !== "object" || value === null || !("pid" in value) || !("identity" in value)) return undefined;
  const { pid, identity } = value;
  // A pid below 2 would make kill() hit a process group or init.
  if (typeof pid !== "number" || !Number.isInteger(pid) || pid < 2 || typeof identity !== "string") return undefined;
  return { pid, identity };
}

async function lives(stamp: ProcessStamp): Promise<boolean> {
  return (await identityOf(stamp.pid)) === stamp.identity;
}

async function endStale(child: ProcessStamp): Promise<void> {
  const killAt = Date.now() + STALE_GRACE_MS;
  let signal: NodeJS.Signals = "SIGTERM";
  while (await lives(child)) {
    try {
      process.kill(child.pid, signal);
    } catch {
      return; // it ended between the two looks
    }
    await sleep(50);
    if (Date.now() > killAt) signal = "SIGKILL";
  }
}

/** The start time of a process (with the boot it belongs to), undefined when it does not run or is a zombie. */
async function identityOf(pid: number): Promise<string | undefined> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
    ]);
    // The second field is the name in parentheses and may hold spaces; state is field 3, start time field 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : `${boot.trim()}/${fields[19]}`;
  } catch {
    return process.platform === "linux" ? undefined : startTimeByPs(pid);
  }
}

async function startTimeByPs(pid: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile("ps", ["-o", "lstart=", "-p", String(pid)], (error, stdout) => {
      resolve(error !== null || stdout.trim() === "" ? undefined : stdout.trim());
    });
  });
}
