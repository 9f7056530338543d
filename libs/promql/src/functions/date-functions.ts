import { Labels } from "@monotreme/model";
import { createColumn, FLOAT, type VectorValue, vectorOf } from "../engine/column.ts";
import { type CallFunction, type EvaluatedCall, mapFloats, vectorArgument } from "./function-call.ts";

const DAY_MS = 86_400_000;

/** The evaluation time of each step, in seconds, as the argument that date functions have by default. */
function evaluationTimes(call: EvaluatedCall): VectorValue {
  const { grid } = call.context;
  const column = createColumn(Labels.EMPTY, false, grid.count);
  for (let i = 0; i < grid.count; i++) column.values[i] = (grid.startMs + i * grid.stepMs) / 1000;
  column.present.fill(FLOAT);
  return vectorOf([column]);
}

/** Reads one part of the UTC date; fractions of a second are cut off, times beyond the calendar give NaN. */
function datePart(part: (date: Date) => number): CallFunction {
  return (call) => {
    const times = call.arguments.length === 0 ? evaluationTimes(call) : vectorArgument(call, 0);
    return mapFloats(times, call.context, (seconds) => part(new Date(Math.trunc(seconds) * 1000)));
  };
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;
}

function daysInMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}

export const DATE_FUNCTIONS: Readonly<Record<string, CallFunction>> = {
  minute: datePart((date) => date.getUTCMinutes()),
  hour: datePart((date) => date.getUTCHours()),
  day_of_week: datePart((date) => date.getUTCDay()),
  day_of_month: datePart((date) => date.getUTCDate()),
  day_of_year: datePart(dayOfYear),
  days_in_month: datePart(daysInMonth),
  month: datePart((date) => date.getUTCMonth() + 1),
  year: datePart((date) => date.getUTCFullYear()),
};
