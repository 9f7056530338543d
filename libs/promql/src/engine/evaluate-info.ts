import { Labels, matchesAll, METRIC_NAME } from "@monotreme/model";
import {
  ABSENT,
  type ColumnSeries,
  countSamples,
  createColumn,
  HISTOGRAM,
  mergeSameLabels,
  type VectorValue,
  vectorOf,
} from "./column.ts";
import { selectLatest, selectLatestTimestamps } from "./evaluate-selector.ts";
import type { EvaluationContext, LoadedSelector } from "./evaluation-context.ts";
import { IDENTIFYING_LABELS, type InfoPlan } from "./plan-info.ts";
import { QueryExecutionError } from "./query-error.ts";
import type { Windows } from "./range-window.ts";

const NOT_DATA: ReadonlySet<string> = new Set([...IDENTIFYING_LABELS, METRIC_NAME]);

/** An info series: when its latest sample was taken, step by step. */
interface InfoSeries {
  readonly labels: Labels;
  readonly times: ColumnSeries;
}

/** `info(v)`: every series of `v` with the data labels of the info series of its instance and job. */
export function evaluateInfo(
  base: VectorValue,
  plan: InfoPlan,
  loaded: LoadedSelector,
  windows: Windows,
  context: EvaluationContext,
): VectorValue {
  const infos = infoSeriesByIdentity(loaded, windows, context);
  const result = new InfoJoin(plan, infos, context).join(base);
  for (const series of infos.values()) {
    context.budget.releaseCells(series.length * windows.count);
    context.budget.release(countSamples(series.map(({ times }) => times)));
  }
  return result;
}

function infoSeriesByIdentity(
  loaded: LoadedSelector,
  windows: Windows,
  context: EvaluationContext,
): ReadonlyMap<string, readonly InfoSeries[]> {
  const ofHistograms = loaded.samples.filter(({ histograms }) => histograms);
  const latest = selectLatest(ofHistograms, windows, context.budget);
  if (latest.some(({ present }) => present.includes(HISTOGRAM)))
    throw new QueryExecutionError("info metrics have to be floats, got a histogram");
  context.budget.releaseCells(latest.length * windows.count);
  context.budget.release(countSamples(latest));
  const byIdentity = new Map<string, InfoSeries[]>();
  const latestTimes = selectLatestTimestamps(loaded.samples, windows, context.budget);
  context.tally?.addColumns(latestTimes);
  for (const times of latestTimes) {
    const key = times.labels.keep(IDENTIFYING_LABELS).key;
    const one = { labels: times.labels, times };
    const known = byIdentity.get(key);
    if (known === undefined) byIdentity.set(key, [one]);
    else known.push(one);
  }
  return byIdentity;
}

class InfoJoin {
  readonly #plan: InfoPlan;
  readonly #infos: ReadonlyMap<string, readonly InfoSeries[]>;
  readonly #context: EvaluationContext;
  /** Series without info stay, unless a data label is asked for that may not be empty. */
  readonly #keepsUnmatched: boolean;
  readonly #wantedLabels: ReadonlySet<string>;

  constructor(plan: InfoPlan, infos: ReadonlyMap<string, readonly InfoSeries[]>, context: EvaluationContext) {
    this.#plan = plan;
    this.#infos = infos;
    this.#context = context;
    this.#keepsUnmatched = plan.dataMatchers.every((matcher) => matcher.matchesEmpty());
    this.#wantedLabels = new Set(plan.dataMatchers.map(({ name }) => name));
  }

  join(base: VectorValue): VectorValue {
    const joined: ColumnSeries[] = [];
    for (const series of base.series) {
      if (matchesAll(this.#plan.nameMatchers, series.labels)) joined.push(series);
      else joined.push(...this.#enrich(series));
    }
    return vectorOf(mergeSameLabels(joined));
  }

  /** One column for each set of info series that the series meets over time. */
  #enrich(series: ColumnSeries): Iterable<ColumnSeries> {
    const identity = series.labels.keep(IDENTIFYING_LABELS);
    const infos = identity.size === 0 ? [] : (this.#infos.get(identity.key) ?? []);
    const columns = new Map<string, ColumnSeries>();
    for (let step = 0; step < series.present.length; step++) {
      if (series.present[step] === ABSENT) continue;
      const matches = latestByName(infos, step);
      if (matches.length === 0 && !this.#keepsUnmatched) continue;
      const key = matches.map((info) => info.labels.key).join("\n");
      let column = columns.get(key);
      if (column === undefined) {
        column = this.#emptyColumn(series, this.#enrichedLabels(series.labels, matches));
        columns.set(key, column);
      }
      column.values[step] = series.values[step]!;
      column.present[step] = series.present[step]!;
      if (column.histograms !== undefined) column.histograms[step] = series.histograms?.[step];
    }
    this.#context.budget.work(series.present.length * (infos.length + 1));
    return columns.values();
  }

  #emptyColumn(series: ColumnSeries, labels: Labels): ColumnSeries {
    const column = createColumn(labels, series.dropName, series.present.length);
    return series.histograms === undefined ? column : { ...column, histograms: [] };
  }

  #enrichedLabels(base: Labels, infos: readonly InfoSeries[]): Labels {
    const added = new Map<string, string>();
    for (const { labels } of infos) {
      for (const [name, value] of labels) {
        if (NOT_DATA.has(name) || base.has(name)) continue;
        if (this.#wantedLabels.size > 0 && !this.#wantedLabels.has(name)) continue;
        const other = added.get(name);
        if (other !== undefined && other !== value) throw new QueryExecutionError(`conflicting label: ${name}`);
        added.set(name, value);
      }
    }
    return added.size === 0 ? base : Labels.fromEntries([...base, ...added]);
  }
}

/** Of the info series of each metric the one with the latest sample at a step. */
function latestByName(infos: readonly InfoSeries[], step: number): readonly InfoSeries[] {
  const latest = new Map<string, InfoSeries>();
  for (const info of infos) {
    if (info.times.present[step] === ABSENT) continue;
    const known = latest.get(info.labels.metricName);
    const isLater = known === undefined || info.times.values[step]! > known.times.values[step]!;
    if (known !== undefined && info.times.values[step] === known.times.values[step]) {
      throw new QueryExecutionError(
        `found duplicate series for info metric: existing ${known.labels.toString()}, new ${info.labels.toString()}`,
      );
    }
    if (isLater) latest.set(info.labels.metricName, info);
  }
  return [...latest.values()];
}
