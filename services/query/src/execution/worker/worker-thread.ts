import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { AppError } from "@monotreme/errors";
import type { FromWorker, ToWorker, WorkerSettings } from "./worker-messages.ts";

/** The main thread's end of a worker. */
export interface WorkerPort {
  post(message: ToWorker): void;
  /** Who hears the worker now; what comes for nobody is dropped. */
  listen(listener: WorkerListener | undefined): void;
  /** Ends the worker, whatever it is doing. */
  terminate(): Promise<void>;
  readonly hasEnded: boolean;
}

export interface WorkerListener {
  onMessage(message: FromWorker): void;
  /** The worker is gone; nothing comes after this. */
  onEnd(fault: AppError): void;
}

export interface WorkerThreadOptions extends WorkerSettings {
  /** JavaScript heap; typed arrays do not count. */
  readonly heapBytes: number;
}

/** Starts a worker thread. A fault in it, running out of heap included, ends that thread only. */
export function startWorkerThread({ heapBytes, ...settings }: WorkerThreadOptions): WorkerPort {
  const { entry, isCode } = workerEntry();
  const worker = new Worker(entry, {
    eval: isCode,
    name: "query",
    workerData: settings satisfies WorkerSettings,
    resourceLimits: { maxOldGenerationSizeMb: Math.ceil(heapBytes / 2 ** 20) },
  });
  let listener: WorkerListener | undefined;
  let cause: unknown;
  let hasEnded = false;
  worker.on("message", (message: FromWorker) => listener?.onMessage(message));
  worker.on("error", (error) => {
    cause = error;
  });
  worker.on("exit", () => {
    hasEnded = true;
    listener?.onEnd(endFault(cause));
  });
  // Waiting for work keeps no process alive.
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    listen(next) {
      listener = next;
    },
    async terminate() {
      await worker.terminate();
    },
    get hasEnded() {
      return hasEnded;
    },
  };
}

function endFault(cause: unknown): AppError {
  const isOutOfHeap = cause instanceof Error && "code" in cause && String(cause.code) === `ERR_WORKER_OUT_OF_MEMORY`;
  if (isOutOfHeap) {
    return new AppError("QUERY_OUT_OF_MEMORY", "limit", "the query needs more memory than one query may use");
  }
  return new AppError("QUERY_WORKER_LOST", "unavailable", "the worker that evaluated the query has ended", { cause });
}

/** Beside the bundle its own bundle; in the sources this folder's file, by the loader that runs TypeScript. */
function workerEntry(): { readonly entry: URL | string; readonly isCode: boolean } {
  const here = import.meta.url;
  if (!fileURLToPath(here).endsWith(".ts")) return { entry: new URL("./query-worker.mjs", here), isCode: false };
  // Loaders of the main thread do not reach a worker's own entry.
  const loader = new URL("./dist/esm/api/index.mjs", pathToFileURL(createRequire(here).resolve("tsx/package.json")))
    .href;
  const file = new URL("./query-worker.ts", here).href;
  const code = `import(${JSON.stringify(loader)}).then(({ register }) => {
    register();
    return import(${JSON.stringify(file)});
  });`;
  return { entry: code, isCode: true };
}
