import { METRIC_NAME } from "@monotreme/model";
import { HISTOGRAM_RANGE_FUNCTIONS } from "../functions/histogram-range.ts";
import { startTimestampKernel } from "../functions/start-timestamp-functions.ts";
import type { NativeHistogram } from "../value.ts";
import { quoted } from "./annotations.ts";
import { ABSENT, type ColumnSeries, createColumn, FLOAT, HISTOGRAM, type HistogramColumn } from "./column.ts";
import { countPairs } from "./count-histogram-pairs.ts";
import type { RangeEvaluation } from "./evaluate-range-function.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import {
  createWindowBounds,
  fillWindowBounds,
  type RangeSeries,
  type WindowBounds,
  windowEndMs,
} from "./range-window.ts";

/** Evaluates a range function for a series that has native histograms, alone or among floats. */
export function evaluateHistogramSeries(
  evaluation: RangeEvaluation,
  series: RangeSeries,
  context: EvaluationContext,
): ColumnSeries {
  return new HistogramSeriesEvaluation(evaluation, series, context).evaluate();
}

/** Samples of one kind, and where they stand in the windows. */
interface KindOfSamples {
  readonly timestamps: Float64Array;
  readonly startTimestamps: Float64Array | undefined;
  /** Indexes into the series. */
  readonly indexes: readonly number[];
  readonly bounds: WindowBounds;
}

/** A histogram is worth so many floats of work. */
const HISTOGRAM_WORK = 64;

class HistogramSeriesEvaluation {
  readonly #evaluation: RangeEvaluation;
  readonly #series: RangeSeries;
  readonly #context: EvaluationContext;
  readonly #name: string;
  readonly #column: ColumnSeries & { readonly histograms: HistogramColumn };

  constructor(evaluation: RangeEvaluation, series: RangeSeries, context: EvaluationContext) {
    this.#evaluation = evaluation;
    this.#series = series;
    this.#context = context;
    this.#name = evaluation.rangeFunction.name;
    const column = createColumn(series.labels, series.dropName, evaluation.grid.count);
    this.#column = { ...column, histograms: [] };
  }

  evaluate(): ColumnSeries {
    const { histogramRule } = this.#evaluation.rangeFunction;
    if (histogramRule === "any") this.#evaluateAny();
    else this.#evaluateByKind(histogramRule === "refuse-mixed");
    return this.#column;
  }

  #histogramAt(index: number): NativeHistogram | undefined {
    return this.#series.histograms?.[index];
  }

  #evaluateAny(): void {
    const all = this.#select(() => true);
    switch (this.#name) {
      case "first_over_time":
        this.#eachWindow(all, (step, first) => this.#copySample(step, first));
        return;
      case "last_over_time":
        this.#eachWindow(all, (step, _first, last) => this.#copySample(step, last));
        return;
      case "changes":
      case "resets":
        countPairs(
          this.#name,
          this.#series,
          all.bounds,
          (step) => all.bounds.low[step]!,
          this.#column,
          this.#context.budget,
        );
        return;
      default:
        this.#runKernel(this.#series.values, all);
    }
  }

  #evaluateByKind(refusesMixed: boolean): void {
    const floats = this.#select((index) => this.#histogramAt(index) === undefined);
    const histograms = this.#select((index) => this.#histogramAt(index) !== undefined);
    const values = Float64Array.from(floats.indexes, (index) => this.#series.values[index]!);
    this.#runKernel(values, floats);
    const isInstant = this.#name === "irate" || this.#name === "idelta";
    for (let step = 0; step < this.#column.present.length; step++) {
      const floatCount = floats.bounds.high[step]! - floats.bounds.low[step]!;
      const first = histograms.bounds.low[step]!;
      const last = histograms.bounds.high[step]! - 1;
      if (last < first) continue;
      const mixed = isInstant ? this.#mixOfLastTwo(step, floats, histograms) : floatCount > 0 ? "both" : "histograms";
      if (mixed === "floats") continue;
      if (mixed === "both") this.#annotateMixed(refusesMixed, step);
      else if (refusesMixed) this.#evaluateHistograms(step, histograms, first, last);
    }
  }

  /** What the last two samples of a window are; the others do not matter to irate and idelta. */
  #mixOfLastTwo(step: number, floats: KindOfSamples, histograms: KindOfSamples): "floats" | "histograms" | "both" {
    const lastTwo = (kind: KindOfSamples): readonly number[] =>
      kind.indexes.slice(Math.max(kind.bounds.low[step]!, kind.bounds.high[step]! - 2), kind.bounds.high[step]);
    const tail = [...lastTwo(floats), ...lastTwo(histograms)].toSorted((a, b) => a - b).slice(-2);
    const histogramCount = tail.filter((index) => this.#histogramAt(index) !== undefined).length;
    if (histogramCount === tail.length) return "histograms";
    return histogramCount === 0 ? "floats" : "both";
  }

  #annotateMixed(refusesMixed: boolean, step: number): void {
    const { annotations } = this.#context;
    const metricName = quoted(this.#series.labels.get(METRIC_NAME));
    const { call, rangeFunction } = this.#evaluation;
    const { position } = call.arguments[rangeFunction.rangeArgument]!;
    if (refusesMixed) {
      this.#column.present[step] = ABSENT;
      annotations.warn(`encountered a mix of histograms and floats for metric name ${metricName}`, position);
    } else {
      annotations.inform(
        `ignored histograms in a range containing both floats and histograms for metric name ${metricName}`,
        position,
      );
    }
  }

  #evaluateHistograms(step: number, kind: KindOfSamples, first: number, last: number): void {
    const { range, call, rangeFunction } = this.#evaluation;
    const result = HISTOGRAM_RANGE_FUNCTIONS.get(this.#name)?.({
      histograms: kind.indexes.slice(first, last + 1).flatMap((index) => this.#histogramAt(index) ?? []),
      timestamps: kind.timestamps.subarray(first, last + 1),
      startTimestamps: kind.startTimestamps?.subarray(first, last + 1),
      endMs: windowEndMs(range.windows, step),
      rangeMs: range.windows.rangeMs,
      metricName: this.#series.labels.get(METRIC_NAME),
      annotations: this.#context.annotations,
      tellsResetConflicts: this.#context.plan.statisticsOnly.has(call),
      position: call.arguments[rangeFunction.rangeArgument]!.position,
    });
    this.#context.budget.work((last - first) * HISTOGRAM_WORK);
    // Floats alone may have given irate a result that the histograms after them replace.
    this.#column.present[step] = result === undefined ? ABSENT : HISTOGRAM;
    this.#column.histograms[step] = result;
  }

  #select(isWanted: (index: number) => boolean): KindOfSamples {
    const { timestamps, startTimestamps } = this.#series;
    const indexes: number[] = [];
    for (let i = 0; i < timestamps.length; i++) if (isWanted(i)) indexes.push(i);
    const selected = Float64Array.from(indexes, (index) => timestamps[index]!);
    const bounds = createWindowBounds(this.#evaluation.grid.count);
    fillWindowBounds(selected, this.#evaluation.range.windows, bounds);
    const starts = startTimestamps && Float64Array.from(indexes, (index) => startTimestamps[index]!);
    return { timestamps: selected, startTimestamps: starts, indexes, bounds };
  }

  #runKernel(values: Float64Array, { timestamps, startTimestamps, bounds }: KindOfSamples): void {
    const { rangeFunction, range, grid, parameters } = this.#evaluation;
    const { lookbackMs } = this.#context.plan;
    const { low, high } = bounds;
    const call = {
      timestamps,
      values,
      low,
      high,
      windows: range.windows,
      grid,
      parameters,
      lookbackMs,
      budget: this.#context.budget,
    };
    const startKernel = startTimestamps && startTimestampKernel(this.#name, startTimestamps);
    (startKernel ?? rangeFunction.kernel)(call, this.#column.values, this.#column.present);
  }

  #eachWindow({ bounds }: KindOfSamples, visit: (step: number, first: number, last: number) => void): void {
    for (let step = 0; step < this.#column.present.length; step++) {
      if (bounds.high[step]! > bounds.low[step]!) visit(step, bounds.low[step]!, bounds.high[step]! - 1);
    }
  }

  #copySample(step: number, index: number): void {
    const histogram = this.#histogramAt(index);
    this.#column.present[step] = histogram === undefined ? FLOAT : HISTOGRAM;
    this.#column.values[step] = this.#series.values[index]!;
    this.#column.histograms[step] = histogram;
  }
}
