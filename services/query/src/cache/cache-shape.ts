import { createHash } from "node:crypto";
import { SETTLED_AFTER_MS } from "@monotreme/contracts";
import {
  childrenOf,
  type DurationExpression,
  type Expression,
  planQuery,
  type PlanOptions,
  printExpression,
  type QueryRange,
} from "@monotreme/promql";
import { gridOf, type StepGrid, stepOf, timeOf } from "./step-matrix.ts";

/** The query whose result may be kept. */
export interface CacheableQuery {
  readonly tenant: string;
  readonly expression: Expression;
  readonly range: QueryRange;
  readonly plan: PlanOptions;
  /** Whatever else changes the meaning of an expression. */
  readonly language: unknown;
}

/** A query as the cache sees it: its key, its grid, and the steps that it asks for. */
export interface CacheShape {
  readonly key: string;
  readonly grid: StepGrid;
  readonly firstStep: number;
  readonly lastStep: number;
  /** Steps after this one read samples that may still be coming. */
  readonly lastSettledStep: number;
}

/** The samples that steps depend on, both ends included, in epoch ms. */
export interface Dependency {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Of two storages' hints before a range, the longer (`HINT_LOOKBACK_MS` of `libs/storage`). */
const READ_BEFORE_MS = 300_000;

/** The width of the widest buckets. */
const COARSEST_MS = 3_600_000;

/** Values of another meaning must have another key: raise it where the engine changes what a step's value is. */
const MEANING = 1;

/**
 * The shape of a range query; undefined where a step's value depends on the range that was asked (`@ end()`, `range()`),
 * on the order in which samples are read (`limitk`), or where nothing is settled yet.
 */
export function cacheShapeOf(
  { tenant, expression, range, plan, language }: CacheableQuery,
  nowMs: number,
): CacheShape | undefined {
  if (range.stepMs === 0 || dependsOnRange(expression)) return undefined;
  const grid = gridOf(range.startMs, range.stepMs);
  const firstStep = stepOf(grid, range.startMs);
  const lastStep = stepOf(grid, range.endMs);
  const settled = lastSettledStep({ expression, plan, grid, firstStep, lastStep }, nowMs - SETTLED_AFTER_MS);
  if (settled < firstStep) return undefined;
  const identity = [MEANING, tenant, printExpression(expression), grid, plan, language];
  const key = createHash("sha256").update(JSON.stringify(identity)).digest("base64url");
  return { key, grid, firstStep, lastStep, lastSettledStep: settled };
}

/** What the steps read, by the same plan that the engine reads by. */
export function dependencyOf(
  { expression, plan }: Pick<CacheableQuery, "expression" | "plan">,
  grid: StepGrid,
  firstStep: number,
  lastStep: number,
): Dependency {
  const range = { startMs: timeOf(grid, firstStep), endMs: timeOf(grid, lastStep), stepMs: grid.stepMs };
  let fromMs = Infinity;
  let untilMs = -Infinity;
  for (const { request } of planQuery(expression, range, plan).selectors.values()) {
    fromMs = Math.min(fromMs, request.afterMs - READ_BEFORE_MS - bucketsBeforeMs(plan));
    untilMs = Math.max(untilMs, request.untilMs);
  }
  return { fromMs, untilMs };
}

/** Windows of downsampled data begin on borders of buckets, up to two before those that were asked. */
function bucketsBeforeMs({ maxSourceResolution = 0 }: PlanOptions): number {
  return maxSourceResolution === 0 ? 0 : 2 * COARSEST_MS;
}

interface Steps extends Pick<CacheableQuery, "expression" | "plan"> {
  readonly grid: StepGrid;
  readonly firstStep: number;
  readonly lastStep: number;
}

/** The last step up to which all steps read nothing after that time; before the first where there is none. */
function lastSettledStep(steps: Steps, untilMs: number): number {
  const { grid, firstStep, lastStep } = steps;
  const readUntilMs = dependencyOf(steps, grid, firstStep, lastStep).untilMs;
  if (readUntilMs <= untilMs) return lastStep;
  const aheadMs = Math.max(0, readUntilMs - timeOf(grid, lastStep));
  const step = stepOf(grid, untilMs - aheadMs);
  if (step < firstStep) return firstStep - 1;
  return dependencyOf(steps, grid, firstStep, step).untilMs <= untilMs ? step : firstStep - 1;
}

function dependsOnRange(expression: Expression): boolean {
  switch (expression.kind) {
    case "vector-selector":
      return isRangeBorder(expression.at?.kind) || hasRange(expression.offset);
    case "matrix-selector":
      return hasRange(expression.range) || dependsOnRange(expression.selector);
    case "subquery": {
      const durations = [expression.range, expression.step, expression.offset];
      return isRangeBorder(expression.at?.kind) || durations.some(hasRange) || dependsOnRange(expression.expression);
    }
    case "aggregation":
      return expression.operator === "limitk" || childrenOf(expression).some(dependsOnRange);
    case "number":
    case "string":
    case "binary":
    case "unary":
    case "parenthesis":
    case "call":
      return childrenOf(expression).some(dependsOnRange);
  }
}

function isRangeBorder(kind: "timestamp" | "start" | "end" | undefined): boolean {
  return kind === "start" || kind === "end";
}

/** Whether `range()` occurs. */
function hasRange(duration: DurationExpression | undefined): boolean {
  switch (duration?.kind) {
    case undefined:
    case "duration":
    case "step":
      return false;
    case "range":
      return true;
    case "negate":
      return hasRange(duration.operand);
    case "binary":
      return hasRange(duration.left) || hasRange(duration.right);
  }
}
