import type {
  AtModifier,
  DurationExpression,
  Expression,
  FunctionCall,
  MatrixSelector,
  Subquery,
  VectorSelector,
} from "../ast.ts";
import { childrenOf } from "../parser/children-of.ts";
import { EXTENDED_KERNELS } from "../functions/extended-range-functions.ts";
import { heedsStarts } from "../functions/start-timestamp-functions.ts";
import type { SelectRequest } from "../sample-source.ts";
import { type DurationScope, resolveOffsetMs, resolveRangeMs } from "./plan-duration.ts";
import { type InfoPlan, infoPlanOf, timeShiftOf } from "./plan-info.ts";
import { isStepInvariant } from "./plan-invariance.ts";
import { QueryExecutionError } from "./query-error.ts";
import type { Windows } from "./range-window.ts";
import { firstStepOf, type TimeGrid } from "./time-grid.ts";

/** Where an instant vector selector looks at each step, offset and `@` applied, and what it reads. */
export interface SelectorPlan {
  readonly request: SelectRequest;
  /** Window i is the lookback before step i for an instant selector, the range for a range selector. */
  readonly windows: Windows;
  readonly isRange: boolean;
}

/** The steps on which a subquery evaluates its inner expression, and the windows over them. */
export interface SubqueryPlan {
  readonly grid: TimeGrid;
  readonly windows: Windows;
}

/** Everything about time that a query needs, resolved before anything is read. */
export interface QueryPlan {
  readonly grid: TimeGrid;
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  readonly lookbackMs: number;
  readonly selectors: ReadonlyMap<VectorSelector, SelectorPlan>;
  readonly subqueries: ReadonlyMap<Subquery, SubqueryPlan>;
  /** Expressions evaluated at one step and repeated. */
  readonly invariant: ReadonlySet<Expression>;
  readonly infos: ReadonlyMap<FunctionCall, InfoPlan>;
  /** Expressions of which only the counts and sums of histograms are asked; only these tell of conflicting resets. */
  readonly statisticsOnly: ReadonlySet<Expression>;
}

export interface PlanOptions {
  readonly lookbackMs: number;
  readonly defaultSubqueryStepMs: number;
  /** What selectors may read (`SelectRequest.maxResolutionMs`); absent: raw samples only. */
  readonly maxSourceResolution?: number | "auto" | undefined;
  /** Some functions heed start timestamps, which downsampled series do not have. */
  readonly useStartTimestamps?: boolean;
}

export interface QueryRange {
  readonly startMs: number;
  readonly endMs: number;
  /** 0: an instant query at `startMs`. */
  readonly stepMs: number;
}

const STATISTICS_FUNCTIONS: ReadonlySet<string> = new Set(["histogram_count", "histogram_sum", "histogram_avg"]);
const BUCKET_FUNCTIONS: ReadonlySet<string> = new Set([
  "histogram_quantile",
  "histogram_quantiles",
  "histogram_fraction",
]);

/** Resolves offsets, `@`, duration expressions and subquery steps of a query into absolute times. */
export function planQuery(expression: Expression, range: QueryRange, options: PlanOptions): QueryPlan {
  return new QueryPlanner(range, options).plan(expression);
}

class QueryPlanner {
  readonly #range: QueryRange;
  readonly #options: PlanOptions;
  readonly #scope: DurationScope;
  readonly #selectors = new Map<VectorSelector, SelectorPlan>();
  readonly #subqueries = new Map<Subquery, SubqueryPlan>();
  readonly #invariant = new Set<Expression>();
  readonly #statisticsOnly = new Set<Expression>();
  readonly #infos = new Map<FunctionCall, InfoPlan>();

  constructor(range: QueryRange, options: PlanOptions) {
    this.#range = range;
    this.#options = options;
    this.#scope = { stepMs: range.stepMs, rangeMs: range.stepMs === 0 ? 0 : range.endMs - range.startMs };
  }

  plan(expression: Expression): QueryPlan {
    const { startMs, stepMs } = this.#range;
    const endMs = stepMs === 0 ? startMs : this.#range.endMs;
    const count = stepMs === 0 ? 1 : Math.floor((endMs - startMs) / stepMs) + 1;
    const grid = { startMs, stepMs, count };
    this.#visit(expression, grid, "");
    return {
      grid,
      startMs,
      endMs,
      stepMs,
      lookbackMs: this.#options.lookbackMs,
      selectors: this.#selectors,
      subqueries: this.#subqueries,
      invariant: this.#invariant,
      infos: this.#infos,
      statisticsOnly: this.#statisticsOnly,
    };
  }

  /** `functionName`: what the expression is the direct argument of. */
  #visit(expression: Expression, grid: TimeGrid, functionName: string): void {
    if (grid.count > 1 && isRepeated(expression)) {
      this.#invariant.add(expression);
      this.#visit(expression, firstStepOf(grid), functionName);
      return;
    }
    switch (expression.kind) {
      case "number":
      case "string":
        return;
      case "vector-selector":
        this.#planSelector(expression, grid, functionName);
        return;
      case "matrix-selector":
        this.#planMatrix(expression, grid, functionName);
        return;
      case "subquery":
        this.#planSubquery(expression, grid);
        return;
      case "aggregation":
        this.#visit(expression.expression, grid, expression.operator);
        if (expression.parameter !== undefined) this.#visit(expression.parameter, grid, "");
        return;
      case "binary":
        this.#visit(expression.left, grid, "");
        this.#visit(expression.right, grid, "");
        return;
      case "unary":
        this.#visit(expression.expression, grid, "");
        return;
      case "parenthesis":
        this.#visit(expression.expression, grid, functionName);
        return;
      case "call":
        if (STATISTICS_FUNCTIONS.has(expression.name)) this.#markStatisticsOnly(expression);
        if (expression.name === "info") this.#planInfo(expression, grid);
        else for (const argument of expression.arguments) this.#visit(argument, grid, expression.name);
    }
  }

  /** The second argument is no selector of its own, but says which info series to read beside the first. */
  #planInfo(call: FunctionCall, grid: TimeGrid): void {
    const base = call.arguments[0]!;
    this.#visit(base, grid, "info");
    const plan = infoPlanOf(call);
    this.#infos.set(call, plan);
    const shift = timeShiftOf(base);
    const atMs = shift.at === undefined ? undefined : this.#atMs(shift.at);
    const offsetMs = shift.offsets.reduce((sum, offset) => sum + resolveOffsetMs(offset, this.#scope), 0);
    const windows = {
      firstEndMs: (atMs ?? grid.startMs) - offsetMs,
      stepMs: atMs === undefined ? grid.stepMs : 0,
      rangeMs: this.#options.lookbackMs,
      count: grid.count,
    };
    this.#addSelector(plan.selector, windows, false, "info");
  }

  #markStatisticsOnly(expression: Expression): void {
    this.#statisticsOnly.add(expression);
    for (const child of childrenOf(expression)) {
      const readsBuckets = child.kind === "call" && BUCKET_FUNCTIONS.has(child.name);
      if (child.kind !== "subquery" && !readsBuckets) this.#markStatisticsOnly(child);
    }
  }

  #planSelector(selector: VectorSelector, grid: TimeGrid, functionName: string): void {
    this.#addSelector(selector, this.#windows(selector, this.#options.lookbackMs, grid), false, functionName);
  }

  #planMatrix(matrix: MatrixSelector, grid: TimeGrid, functionName: string): void {
    const rangeMs = resolveRangeMs(matrix.range, this.#scope);
    checkExtension(matrix.selector, functionName);
    this.#addSelector(matrix.selector, this.#windows(matrix.selector, rangeMs, grid), true, functionName);
  }

  #addSelector(selector: VectorSelector, windows: Windows, isRange: boolean, functionName: string): void {
    const lastEndMs = windows.firstEndMs + (windows.count - 1) * windows.stepMs;
    const { extension } = selector;
    const { lookbackMs } = this.#options;
    const request: SelectRequest = {
      matchers: selector.matchers,
      afterMs: windows.firstEndMs - windows.rangeMs - (isRange && extension !== undefined ? lookbackMs : 0),
      untilMs: lastEndMs + (extension === "smoothed" ? lookbackMs : 0),
      stepMs: windows.stepMs,
      rangeMs: windows.rangeMs,
      isRange,
      firstEndMs: windows.firstEndMs,
      lastEndMs,
      functionName,
      ...this.#maxResolution(selector, functionName),
    };
    this.#selectors.set(selector, { request, windows, isRange });
  }

  #maxResolution(selector: VectorSelector, functionName: string): Pick<SelectRequest, "maxResolutionMs"> {
    const { maxSourceResolution = 0, useStartTimestamps = false } = this.#options;
    // The borders of extended windows need the samples around them.
    if (maxSourceResolution === 0 || selector.extension !== undefined) return {};
    if (maxSourceResolution === "auto" && useStartTimestamps && heedsStarts(functionName)) return {};
    return { maxResolutionMs: maxSourceResolution };
  }

  #planSubquery(subquery: Subquery, grid: TimeGrid): void {
    const rangeMs = resolveRangeMs(subquery.range, this.#scope);
    const stepMs =
      subquery.step === undefined ? this.#options.defaultSubqueryStepMs : resolveRangeMs(subquery.step, this.#scope);
    const windows = this.#windows(subquery, rangeMs, grid);
    const lastEndMs = windows.firstEndMs + (windows.count - 1) * windows.stepMs;
    // Steps lie on multiples of the subquery's step, the first after the left, open border.
    const startMs = Math.floor((windows.firstEndMs - rangeMs) / stepMs) * stepMs + stepMs;
    const count = Math.max(0, Math.floor((lastEndMs - startMs) / stepMs) + 1);
    const inner = { startMs, stepMs, count };
    this.#subqueries.set(subquery, { grid: inner, windows });
    if (count > 0) this.#visit(subquery.expression, inner, "");
  }

  #windows(
    node: { readonly offset: DurationExpression | undefined; readonly at: AtModifier | undefined },
    rangeMs: number,
    grid: TimeGrid,
  ): Windows {
    const offsetMs = resolveOffsetMs(node.offset, this.#scope);
    const atMs = node.at === undefined ? undefined : this.#atMs(node.at);
    const firstEndMs = (atMs ?? grid.startMs) - offsetMs;
    return { firstEndMs, stepMs: atMs === undefined ? grid.stepMs : 0, rangeMs, count: grid.count };
  }

  #atMs(at: AtModifier): number {
    switch (at.kind) {
      case "timestamp":
        return at.timestampMs;
      case "start":
        return this.#range.startMs;
      case "end":
        return this.#range.stepMs === 0 ? this.#range.startMs : this.#range.endMs;
    }
  }
}

/** Only some functions know what to do with the values at a window's borders. */
function checkExtension({ extension }: VectorSelector, functionName: string): void {
  if (extension === undefined || EXTENDED_KERNELS[extension].has(functionName)) return;
  const allowed = [...EXTENDED_KERNELS[extension].keys()].join(", ");
  throw new QueryExecutionError(
    `${extension} modifier can only be used with: ${allowed} - not with ${functionName === "" ? "a plain range" : functionName}`,
  );
}

/** Range vectors are never repeated themselves: their windows stand still instead. Literals are cheap as they are. */
function isRepeated(expression: Expression): boolean {
  switch (expression.kind) {
    case "number":
    case "string":
    case "matrix-selector":
    case "subquery":
      return false;
    case "parenthesis":
      return isRepeated(expression.expression);
    case "vector-selector":
    case "aggregation":
    case "binary":
    case "unary":
    case "call":
      return isStepInvariant(expression);
  }
}
