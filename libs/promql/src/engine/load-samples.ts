import type { VectorSelector } from "../ast.ts";
import type { SampleSource } from "../sample-source.ts";
import type { SeriesSamples } from "../value.ts";
import { withDetectedResets } from "./detect-resets.ts";
import type { LoadedSelector } from "./evaluation-context.ts";
import type { QueryPlan, SelectorPlan } from "./plan-query.ts";
import { rangeSeriesFrom } from "./range-window.ts";
import type { SampleBudget } from "./sample-budget.ts";

export interface LoadLimits {
  readonly maxSamples: number;
  readonly signal?: AbortSignal | undefined;
}

export interface LoadedSamples {
  readonly selectors: ReadonlyMap<VectorSelector, LoadedSelector>;
  readonly samplesRead: number;
}

/** Reads all selectors of a query at once; selectors that ask for the same samples share one read. */
export async function loadSamples(
  source: SampleSource,
  plan: QueryPlan,
  limits: LoadLimits,
  budget: SampleBudget,
): Promise<LoadedSamples> {
  const reads = new Map<string, Promise<readonly SeriesSamples[]>>();
  const pending: Promise<[VectorSelector, SelectorPlan, readonly SeriesSamples[]]>[] = [];
  for (const [selector, selectorPlan] of plan.selectors) {
    const key = keyOf(selectorPlan);
    let read = reads.get(key);
    if (read === undefined) {
      read = startRead(source, selectorPlan, limits, budget);
      reads.set(key, read);
    }
    pending.push(read.then((samples) => [selector, selectorPlan, samples]));
  }
  const selectors = new Map<VectorSelector, LoadedSelector>();
  for (const [selector, { isRange }, stored] of await Promise.all(pending)) {
    const samples = plan.statisticsOnly.has(selector) ? stored.map(withDetectedResets) : stored;
    selectors.set(
      selector,
      isRange || selector.extension === "smoothed"
        ? { samples: [], ranges: samples.map(rangeSeriesFrom) }
        : { samples, ranges: [] },
    );
  }
  let samplesRead = 0;
  for (const read of reads.values()) for (const one of await read) samplesRead += one.timestamps.length;
  return { selectors, samplesRead };
}

async function startRead(
  source: SampleSource,
  { request }: SelectorPlan,
  { maxSamples, signal }: LoadLimits,
  budget: SampleBudget,
): Promise<readonly SeriesSamples[]> {
  const samples = await source.select({ ...request, maxSamples, ...(signal === undefined ? {} : { signal }) });
  for (const one of samples) budget.hold(one.timestamps.length);
  return samples;
}

function keyOf({ request }: SelectorPlan): string {
  const matchers = request.matchers.map(({ name, type, value }) => [name, type, value]);
  return JSON.stringify([matchers, request.afterMs, request.untilMs, request.stepMs, request.functionName]);
}
