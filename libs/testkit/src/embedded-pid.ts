import { readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The process id of a server beside a standalone, by the note that its supervisor keeps in the data folder: what a
 * test needs to kill it. `storagePath` is standalone's data folder.
 */
export async function embeddedPid(storagePath: string, part: "nats" | "redis" | "clickhouse"): Promise<number> {
  const note: unknown = JSON.parse(await readFile(join(storagePath, part, "monotreme-process.json"), "utf8"));
  if (typeof note === "object" && note !== null && "child" in note) {
    const { child } = note;
    if (typeof child === "object" && child !== null && "pid" in child && typeof child.pid === "number") {
      return child.pid;
    }
  }
  throw new Error(`no process id in the note of ${part}`);
}
