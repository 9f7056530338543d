export { JobQueue, type JobQueueOptions, type OpenQueue } from "./job-queue.ts";
export { JobWorker, type JobWorkerOptions } from "./job-worker.ts";
export { LossWatch, type LossWatchOptions } from "./loss-watch.ts";
