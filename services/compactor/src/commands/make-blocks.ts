import { FIVE_MINUTES, ONE_HOUR, RAW } from "@monotreme/blocks";
import { type Clock, sleep } from "@monotreme/clock";
import { type BlockHistory, blockKeyText, resolutionOf, windowInputs } from "@monotreme/storage";
import type { BlockLeases } from "../block-leases.ts";
import type { JobRunner, Outcome } from "../job-runner.ts";
import type { CatalogView } from "../plan/catalog-view.ts";
import { TaskPicker, type Task } from "../plan/pick-task.ts";
import { type CatalogState, type DueBlock, makePlan, type Plan } from "../plan/plan.ts";
import { timeText } from "../status/describe-blocks.ts";
import type { Terminal } from "./terminal.ts";

/** Which blocks a command is about. */
export interface BlockRange {
  readonly resolution?: string | undefined;
  readonly startMs?: number | undefined;
  readonly endMs?: number | undefined;
}

export interface MakeBlocksOptions {
  readonly view: CatalogView;
  readonly runner: JobRunner;
  readonly leases: BlockLeases;
  readonly clock: Clock;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** How many blocks went well and badly. */
export interface MadeBlocks {
  readonly done: number;
  readonly failed: number;
}

const WAIT_MS = 500;
const SHOW_MS = 200;
/** Nothing waits here: that is what the command is for. */
const NOW = { delayMs: 0, lateDelayMs: -Infinity, graceMs: Infinity } as const;

/** Makes everything that is due or will be, without waiting for its time; blocks that were set aside are tried again. */
export async function compactBlocks(range: BlockRange, options: MakeBlocksOptions): Promise<MadeBlocks> {
  const tried = new Set<string>();
  const picker = new TaskPicker();
  let made: MadeBlocks = { done: 0, failed: 0 };
  while (!options.signal.aborted) {
    const state = await options.view.refresh(options.signal);
    const plan = inRange(makePlan(state, NOW), range, tried);
    const task = picker.pick(plan, state.nowMs, (key) => !options.leases.isElsewhere(key));
    if (task === undefined) {
      if (plan.raw.length + plan.fiveMinutes.length + plan.oneHour.length === 0) return made;
      options.terminal.progress("another compactor works on what is left, waiting", 0);
      await sleep(options.clock, WAIT_MS, options.signal);
      continue;
    }
    const outcome = await runTask(task, state.histories.get(blockKeyText(task.key)), options);
    // A failed one is not tried for ever; of one that is done more may come.
    if (outcome === "failed") tried.add(blockKeyText(task.key));
    made = count(made, outcome);
  }
  return made;
}

/** Makes blocks again that there are: raw ones of their rows and chunks, others of finer data. */
export async function rebuildBlocks(range: BlockRange, options: MakeBlocksOptions): Promise<MadeBlocks> {
  const { resolutionMs } = [RAW, FIVE_MINUTES, ONE_HOUR].find(({ name }) => name === range.resolution) ?? FIVE_MINUTES;
  let made: MadeBlocks = { done: 0, failed: 0 };
  const first = await options.view.refresh(options.signal);
  const keys = [...first.histories.values()]
    .filter(({ current }) => current?.resolutionMs === resolutionMs)
    .map(({ latest }) => latest)
    .filter((key) => isInRange({ key, dueSinceMs: 0, retryAtMs: 0 }, range))
    .toSorted((a, b) => a.startMs - b.startMs);
  for (const key of keys) {
    for (let outcome: Outcome = "skipped"; outcome === "skipped" && !options.signal.aborted; ) {
      const state = await options.view.refresh(options.signal);
      const history = state.histories.get(blockKeyText(key));
      if (history?.current === undefined) break;
      outcome = await runTask(rebuildTask(history, state), history, options);
      made = count(made, outcome);
      if (outcome === "skipped") await sleep(options.clock, WAIT_MS, options.signal);
    }
  }
  return made;
}

function rebuildTask({ latest, current }: BlockHistory, state: CatalogState): Task {
  const { resolutionMs, startMs } = latest;
  const key = { resolutionMs, startMs };
  const due = { key, dueSinceMs: state.nowMs, retryAtMs: -Infinity };
  if (resolutionMs === RAW.resolutionMs) return { kind: "raw", key, due, isRewriting: true };
  const made = windowInputs(current?.inputs ?? []);
  const raw = [...made.keys()].map((windowMs) => ({
    windowMs,
    source: state.histories.get(blockKeyText({ resolutionMs: 0, startMs: windowMs }))?.current,
  }));
  // What retention has dropped cannot be made again, and is kept as it is.
  const remake = raw.flatMap(({ windowMs, source }) =>
    source === undefined ? [] : [{ startMs: windowMs, generation: made.get(windowMs) ?? 0 }],
  );
  const keep = raw.flatMap(({ windowMs, source }) =>
    source === undefined ? [{ startMs: windowMs, generation: made.get(windowMs) ?? 0 }] : [],
  );
  return { kind: "buckets", key, due: { ...due, remake, keep } };
}

async function runTask(task: Task, known: BlockHistory | undefined, options: MakeBlocksOptions): Promise<Outcome> {
  const { runner, terminal, signal } = options;
  const label = `${resolutionOf(task.key.resolutionMs).name} ${timeText(task.key.startMs)}`;
  const show = (): void => {
    const [job] = runner.running;
    terminal.progress(label, job === undefined || job.total === 0 ? 0 : job.done / job.total);
  };
  const timer = setInterval(show, SHOW_MS);
  try {
    show();
    const outcome = await runner.run(task, known, signal);
    terminal.endProgress();
    if (outcome !== "skipped") terminal.line(`${label} ${outcome === "done" ? "is ready" : outcome}`);
    return outcome;
  } finally {
    clearInterval(timer);
  }
}

function inRange(plan: Plan, range: BlockRange, tried: ReadonlySet<string>): Plan {
  const wanted = <D extends DueBlock>(due: readonly D[]): D[] =>
    due
      .filter((one) => isInRange(one, range) && !tried.has(blockKeyText(one.key)))
      .map((one) => ({ ...one, retryAtMs: -Infinity }));
  return {
    ...plan,
    drops: [],
    raw: wanted(plan.raw),
    fiveMinutes: wanted(plan.fiveMinutes),
    oneHour: wanted(plan.oneHour),
  };
}

function isInRange({ key }: DueBlock, { resolution, startMs, endMs }: BlockRange): boolean {
  const { name, blockMs } = resolutionOf(key.resolutionMs);
  if (resolution !== undefined && resolution !== name) return false;
  return (startMs === undefined || key.startMs + blockMs > startMs) && (endMs === undefined || key.startMs < endMs);
}

function count({ done, failed }: MadeBlocks, outcome: Outcome): MadeBlocks {
  return { done: done + (outcome === "done" ? 1 : 0), failed: failed + (outcome === "failed" ? 1 : 0) };
}
