import { RESOLUTIONS } from "@monotreme/blocks";
import { BLOCK_STATES, type BlockHistory, resolutionOf } from "@monotreme/storage";
import { Counter, Gauge, Histogram, type Registry } from "@monotreme/telemetry";
import type { JobResult } from "./jobs/block-job.ts";
import { OUTCOMES, type Outcome, type RunningJob } from "./job-runner.ts";
import type { Plan } from "./plan/plan.ts";

/** What jobs report. */
export interface JobMeter {
  ended(resolutionMs: number, outcome: Outcome, seconds: number): void;
  made(resolutionMs: number, result: JobResult): void;
  dropped(rows: number): void;
  progress(running: readonly RunningJob[]): void;
}

/** The instruments of the compactor. */
export interface CompactorMetrics {
  readonly meter: JobMeter;
  planned(plan: Plan, histories: ReadonlyMap<string, BlockHistory>, nowMs: number): void;
  readonly leaseLosses: Counter;
  readonly planFailures: Counter;
}

export function createCompactorMetrics(registry: Registry): CompactorMetrics {
  const registers = [registry];
  return {
    meter: createJobMeter(registry),
    planned: createPlanMeter(registry),
    leaseLosses: new Counter({
      name: "monotreme_compactor_lease_losses_total",
      help: "Leases of blocks that went away while a job held them; another compactor takes the block.",
      registers,
    }),
    planFailures: new Counter({
      name: "monotreme_compactor_plan_failures_total",
      help: "Looks at the catalog that failed, mostly because ClickHouse was away; compaction pauses meanwhile.",
      registers,
    }),
  };
}

function createJobMeter(registry: Registry): JobMeter {
  const registers = [registry];
  const labelNames = ["resolution"] as const;
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames, registers });
  const jobs = new Counter({
    name: "monotreme_compactor_jobs_total",
    help: "Attempts to make a block, by resolution and result.",
    labelNames: ["resolution", "result"],
    registers,
  });
  const seconds = new Histogram({
    name: "monotreme_compactor_job_duration_seconds",
    help: "Time of attempts to make a block.",
    labelNames,
    buckets: [0.1, 0.5, 2, 10, 30, 60, 120, 300, 600, 1800, 3600],
    registers,
  });
  const samplesRead = counter("monotreme_compactor_samples_read_total", "Samples or buckets that jobs read.");
  const samplesWritten = counter(
    "monotreme_compactor_samples_written_total",
    "Samples or buckets that jobs wrote into chunks.",
  );
  const bytesWritten = counter(
    "monotreme_compactor_bytes_written_total",
    "Packed bytes that jobs wrote into chunks, before ClickHouse compresses them.",
  );
  const rowsDropped = new Counter({
    name: "monotreme_compactor_rows_dropped_total",
    help: "Rows of samples that were removed because blocks hold them.",
    registers,
  });
  const running = new Gauge({ name: "monotreme_compactor_jobs_running", help: "Jobs under way.", registers });
  const progress = new Gauge({
    name: "monotreme_compactor_job_progress_ratio",
    help: "Progress of the jobs under way together, 0 to 1; 1 where there is none.",
    registers,
  });
  progress.set(1);
  for (const { name: resolution } of RESOLUTIONS) {
    for (const result of OUTCOMES) if (result !== "skipped") jobs.inc({ resolution, result }, 0);
    for (const each of [samplesRead, samplesWritten, bytesWritten]) each.inc({ resolution }, 0);
  }
  return {
    ended: (resolutionMs, result, took) => {
      const resolution = resolutionOf(resolutionMs).name;
      jobs.inc({ resolution, result });
      seconds.observe({ resolution }, took);
    },
    made: (resolutionMs, result) => {
      const resolution = resolutionOf(resolutionMs).name;
      samplesRead.inc({ resolution }, result.samplesRead);
      samplesWritten.inc({ resolution }, result.samplesWritten);
      bytesWritten.inc({ resolution }, result.bytesWritten);
    },
    dropped: (rows) => rowsDropped.inc(rows),
    progress: (jobsUnderWay) => {
      running.set(jobsUnderWay.length);
      const total = jobsUnderWay.reduce((sum, job) => sum + job.total, 0);
      const done = jobsUnderWay.reduce((sum, job) => sum + job.done, 0);
      progress.set(total === 0 ? (jobsUnderWay.length === 0 ? 1 : 0) : done / total);
    },
  };
}

function createPlanMeter(registry: Registry): CompactorMetrics["planned"] {
  const registers = [registry];
  const labelNames = ["resolution"] as const;
  const blocks = new Gauge({
    name: "monotreme_compactor_blocks",
    help: "Blocks by resolution and what became of their newest generation.",
    labelNames: ["resolution", "state"],
    registers,
  });
  const backlog = new Gauge({
    name: "monotreme_compactor_backlog_blocks",
    help: "Blocks that are due and not made yet, by resolution.",
    labelNames,
    registers,
  });
  const oldest = new Gauge({
    name: "monotreme_compactor_backlog_age_seconds",
    help: "How long the oldest due block has been due, by resolution; 0 where none is.",
    labelNames,
    registers,
  });
  const late = new Gauge({
    name: "monotreme_compactor_late_windows",
    help: "Windows with samples that came after their block was made and wait to be folded in.",
    registers,
  });
  const setAside = new Gauge({
    name: "monotreme_compactor_set_aside_blocks",
    help: "Blocks that failed too often and were set aside; their samples stay readable as rows.",
    registers,
  });
  return (plan, histories, nowMs) => {
    const counts = new Map(RESOLUTIONS.flatMap(({ name }) => BLOCK_STATES.map((state) => [`${name} ${state}`, 0])));
    for (const { latest, current } of histories.values()) {
      const isStale = latest.state === "building" && current !== undefined && latest.reason === "";
      const key = `${resolutionOf(latest.resolutionMs).name} ${isStale ? "ready" : latest.state}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const [key, count] of counts) {
      const [resolution = "", state = ""] = key.split(" ");
      blocks.set({ resolution, state }, count);
    }
    const lists = [plan.raw, plan.fiveMinutes, plan.oneHour];
    for (const [i, { name: resolution }] of RESOLUTIONS.entries()) {
      const due = lists[i] ?? [];
      backlog.set({ resolution }, due.length);
      const sinceMs = Math.min(nowMs, ...due.map(({ dueSinceMs }) => dueSinceMs));
      oldest.set({ resolution }, Math.max(0, nowMs - sinceMs) / 1000);
    }
    late.set(plan.lateWindows);
    setAside.set(plan.setAside);
  };
}
