import { availableParallelism, constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { ClickHouse } from "@monotreme/clickhouse";
import { Engine } from "@monotreme/promql";
import { createQueryStorage } from "../query-storage.ts";
import type { ToWorker, WorkerSettings } from "./worker-messages.ts";
import { WorkerSession } from "./worker-session.ts";

// The entry of a worker thread: it evaluates large queries, one at a time (see worker-pool.ts).
const settings = workerData as WorkerSettings;
yieldToSmallQueries();
const clickhouse = new ClickHouse({
  ...settings.clickhouse,
  // Large queries leave a core of the server to small ones. (Its nice values would stick to its threads.)
  selectSettings: { max_threads: Math.max(1, availableParallelism() - 1) },
});
const session = new WorkerSession({
  engine: new Engine(settings.engine),
  storage: createQueryStorage(clickhouse, { startTimestamps: settings.engine.useStartTimestamps ?? false }),
  post: (message, transfer = []) => parentPort?.postMessage(message, transfer),
});
parentPort?.on("message", (message: ToWorker) => session.receive(message));

/** On Linux a priority is the calling thread's alone; elsewhere it would be the whole process'. */
function yieldToSmallQueries(): void {
  if (process.platform === "linux") setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
}
