import { countSamples, type Value } from "./column.ts";
import type { SampleBudget } from "./sample-budget.ts";

function cellsOf(value: Value): number {
  switch (value.kind) {
    case "string":
      return 0;
    case "scalar":
      return value.values.length;
    case "vector":
      return value.series.length * (value.series[0]?.present.length ?? 0);
  }
}

function samplesOf(value: Value): number {
  return value.kind === "vector" ? countSamples(value.series) : 0;
}

/** Counts a value against the query's budget until {@link releaseValue}. */
export function holdValue(value: Value, budget: SampleBudget): void {
  budget.holdCells(cellsOf(value));
  budget.hold(samplesOf(value));
}

export function releaseValue(value: Value, budget: SampleBudget): void {
  budget.releaseCells(cellsOf(value));
  budget.release(samplesOf(value));
}

/** Counts a result and lets go of what it was made of. */
export function exchangeValues(operands: readonly Value[], result: Value, budget: SampleBudget): void {
  holdValue(result, budget);
  for (const operand of operands) releaseValue(operand, budget);
}
