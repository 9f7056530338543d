import type { VectorSelector } from "../ast.ts";
import type { SampleSource, SelectRequest } from "../sample-source.ts";
import type { SeriesSamples } from "../value.ts";
import { withDetectedResets } from "./detect-resets.ts";
import { countStored } from "./histogram-size.ts";
import type { LoadedSelector } from "./evaluation-context.ts";
import { narrowedInfoRequest } from "./narrow-info.ts";
import type { QueryPlan } from "./plan-query.ts";
import { type RangeSeries, rangeSeriesFrom } from "./range-window.ts";
import type { SampleBudget } from "./sample-budget.ts";

export interface LoadLimits {
  readonly maxSamples: number;
  readonly signal?: AbortSignal | undefined;
}

export interface LoadedSamples {
  readonly selectors: ReadonlyMap<VectorSelector, LoadedSelector>;
  readonly samplesRead: number;
}

/**
 * Reads all selectors of a query at once, but for the info series, which come after the series they belong to; selectors
 * that ask for the same samples share one read.
 */
export async function loadSamples(
  source: SampleSource,
  plan: QueryPlan,
  limits: LoadLimits,
  budget: SampleBudget,
): Promise<LoadedSamples> {
  const loader = new SampleLoader(source, limits, budget);
  const infos = new Map([...plan.infos].map(([call, { selector }]) => [selector, call]));
  const ofBase = [...plan.selectors].filter(([selector]) => !infos.has(selector));
  const stored = new Map(
    await Promise.all(ofBase.map(async ([selector, { request }]) => [selector, await loader.read(request)] as const)),
  );
  const ofInfos = [...infos].map(async ([selector, call]) => {
    const request = plan.selectors.get(selector)?.request;
    const narrowed = request && narrowedInfoRequest(call, request, (base) => stored.get(base) ?? []);
    return [selector, narrowed === undefined ? [] : await loader.read(narrowed)] as const;
  });
  for (const [selector, samples] of await Promise.all(ofInfos)) stored.set(selector, samples);
  const selectors = new Map<VectorSelector, LoadedSelector>();
  for (const [selector, { isRange }] of plan.selectors) {
    const read = stored.get(selector) ?? [];
    const samples = plan.statisticsOnly.has(selector) ? read.map(withDetectedResets) : read;
    const isForRanges = isRange || selector.extension === "smoothed";
    const resolutionMs = read.reduce((coarsest, one) => Math.max(coarsest, one.resolutionMs ?? 0), 0);
    const ranges = isForRanges ? rangesOf(samples, budget) : [];
    selectors.set(selector, { samples: isForRanges ? [] : samples, ranges, resolutionMs });
  }
  return { selectors, samplesRead: loader.samplesRead };
}

function rangesOf(samples: readonly SeriesSamples[], budget: SampleBudget): readonly RangeSeries[] {
  return samples.map((one) => {
    budget.work(storedLength(one));
    return rangeSeriesFrom(one);
  });
}

/** How many samples were read for a series; a bucket is one. */
function storedLength({ timestamps, buckets }: SeriesSamples): number {
  return buckets === undefined ? timestamps.length : buckets.ends.length;
}

/** The reads of one query. */
class SampleLoader {
  readonly #source: SampleSource;
  readonly #limits: LoadLimits;
  readonly #budget: SampleBudget;
  readonly #reads = new Map<string, Promise<readonly SeriesSamples[]>>();
  #samplesRead = 0;

  constructor(source: SampleSource, limits: LoadLimits, budget: SampleBudget) {
    this.#source = source;
    this.#limits = limits;
    this.#budget = budget;
  }

  get samplesRead(): number {
    return this.#samplesRead;
  }

  read(request: SelectRequest): Promise<readonly SeriesSamples[]> {
    const key = keyOf(request);
    const started = this.#reads.get(key);
    if (started !== undefined) return started;
    const read = this.#start(request);
    this.#reads.set(key, read);
    return read;
  }

  async #start(request: SelectRequest): Promise<readonly SeriesSamples[]> {
    const { maxSamples, signal } = this.#limits;
    const samples = await this.#source.select({ ...request, maxSamples, ...(signal === undefined ? {} : { signal }) });
    for (const one of samples) {
      const length = storedLength(one);
      this.#samplesRead += length;
      this.#budget.hold(one.buckets === undefined ? countStored(one) : length);
      this.#budget.work(length);
    }
    return samples;
  }
}

function keyOf(request: SelectRequest): string {
  const matchers = request.matchers.map(({ name, type, value }) => [name, type, value]);
  const { afterMs, untilMs, stepMs, functionName, isRange, rangeMs, maxResolutionMs } = request;
  return JSON.stringify([matchers, afterMs, untilMs, stepMs, functionName, isRange, rangeMs, maxResolutionMs]);
}
