import { Labels, METRIC_NAME } from "@monotreme/model";
import type { BinaryExpression, VectorMatching } from "../ast.ts";
import { arithmeticOf, comparisonOf } from "./binary-operators.ts";
import { combineWithHistogram, operandAt } from "./binary-histogram.ts";
import {
  ABSENT,
  type ColumnSeries,
  createColumn,
  FLOAT,
  hasSamples,
  type HistogramColumn,
  mergeSameLabels,
  type VectorValue,
  vectorOf,
  withoutName,
} from "./column.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import { createSignature } from "./label-signature.ts";
import { withoutMetadataLabels } from "./metadata-labels.ts";
import { QueryExecutionError } from "./query-error.ts";
import type { TimeGrid } from "./time-grid.ts";

/** The series of both sides that match each other. */
interface MatchGroup {
  readonly many: ColumnSeries[];
  readonly one: ColumnSeries[];
}

/** Arithmetic and comparison of two vectors, matched by their labels step by step. */
export function evaluateVectorPair(
  expression: BinaryExpression,
  matching: VectorMatching,
  left: VectorValue,
  right: VectorValue,
  grid: TimeGrid,
  context: EvaluationContext,
): VectorValue {
  return new VectorMatcher(expression, matching, grid, context).match(left.series, right.series);
}

class VectorMatcher {
  readonly #expression: BinaryExpression;
  readonly #matching: VectorMatching;
  readonly #count: number;
  readonly #context: EvaluationContext;
  /** The left operand is the "one" side. */
  readonly #isSwapped: boolean;
  readonly #dropsName: boolean;
  /** The values that stand for missing samples of either side. */
  readonly #fillOne: number | undefined;
  readonly #fillMany: number | undefined;
  #madeColumns = 0;

  constructor(expression: BinaryExpression, matching: VectorMatching, grid: TimeGrid, context: EvaluationContext) {
    this.#expression = expression;
    this.#matching = matching;
    this.#count = grid.count;
    this.#context = context;
    this.#isSwapped = matching.cardinality === "one-to-many";
    this.#dropsName = comparisonOf(expression.operator) === undefined;
    // As upstream: with group_right, where the sides change places, the fill values stay where they are.
    this.#fillOne = matching.fillRight;
    this.#fillMany = matching.fillLeft;
  }

  match(left: readonly ColumnSeries[], right: readonly ColumnSeries[]): VectorValue {
    const many = this.#isSwapped ? right : left;
    const one = this.#isSwapped ? left : right;
    if (many.length === 0 && this.#fillMany === undefined) return vectorOf([]);
    if (one.length === 0 && this.#fillOne === undefined) return vectorOf([]);
    const results: ColumnSeries[] = [];
    let anyMany: Uint8Array | undefined;
    for (const group of this.#group(many, one)) {
      if (group.one.length > 1) {
        anyMany ??= unionOf(many, this.#count);
        this.#checkOneSide(group, anyMany);
      }
      for (const column of this.#matchGroup(group)) if (hasSamples(column)) results.push(column);
    }
    // Counted as they were made; the caller counts the result once more.
    this.#context.budget.releaseCells(this.#madeColumns * this.#count);
    return vectorOf(mergeSameLabels(results));
  }

  #group(many: readonly ColumnSeries[], one: readonly ColumnSeries[]): Iterable<MatchGroup> {
    const signatureOf = createSignature(this.#matching.labels, this.#matching.on);
    const groups = new Map<string, MatchGroup>();
    for (const series of one) {
      this.#context.budget.work(1);
      const signature = signatureOf(series.labels);
      const group = groups.get(signature);
      if (group === undefined) groups.set(signature, { many: [], one: [series] });
      else group.one.push(series);
    }
    for (const series of many) {
      this.#context.budget.work(1);
      const signature = signatureOf(series.labels);
      const group = groups.get(signature);
      if (group !== undefined) group.many.push(series);
      else if (this.#fillOne !== undefined) groups.set(signature, { many: [series], one: [] });
    }
    return groups.values();
  }

  /** The "one" side may have only one sample a group and step, unless there is nothing at all on the other side. */
  #checkOneSide(group: MatchGroup, anyMany: Uint8Array): void {
    const seen = new Int32Array(this.#count).fill(-1);
    for (const [index, { present }] of group.one.entries()) {
      this.#context.budget.work(this.#count);
      for (let i = 0; i < present.length; i++) {
        if (present[i] === ABSENT || anyMany[i] === ABSENT) continue;
        if (seen[i] !== -1) throw this.#duplicateError(group.one[index]!.labels, group.one[seen[i]!]!.labels);
        seen[i] = index;
      }
    }
  }

  #duplicateError(labels: Labels, earlier: Labels): QueryExecutionError {
    const group = this.#groupLabels(labels).toString();
    const side = this.#isSwapped ? "left" : "right";
    return new QueryExecutionError(
      `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: ` +
        `[${labels.toString()}, ${earlier.toString()}]` +
        ";many-to-many matching not allowed: matching labels must be unique on one side",
    );
  }

  /** The labels that a group's series have in common. */
  #groupLabels(labels: Labels): Labels {
    const { on, labels: names } = this.#matching;
    return on ? labels.keep(new Set(names)) : labels.drop(new Set([...names, METRIC_NAME]));
  }

  #matchGroup(group: MatchGroup): Iterable<ColumnSeries> {
    const results = new Map<string, ColumnSeries>();
    const isOneToOne = this.#matching.cardinality === "one-to-one";
    const matched = isOneToOne && group.many.length > 1 ? new Uint8Array(this.#count) : undefined;
    for (const [many, one] of this.#pairs(group)) {
      const column = this.#combine(many, one);
      this.#context.budget.work(this.#count);
      if (matched !== undefined) claimSteps(column, matched);
      const earlier = results.get(column.labels.key);
      if (earlier === undefined) {
        this.#context.budget.holdCells(this.#count);
        this.#madeColumns++;
        results.set(column.labels.key, column);
      } else {
        fillSteps(earlier, column);
      }
    }
    return results.values();
  }

  /** Every series with every match, and with the fill value where there is none. */
  *#pairs(group: MatchGroup): IterableIterator<readonly [many: ColumnSeries, one: ColumnSeries]> {
    const ones = this.#matching.include.length === 0 ? joined(group.one) : group.one;
    for (const many of group.many) for (const one of ones) yield [many, one];
    if (this.#fillOne !== undefined) {
      const missing = this.#fillColumn(group.one, this.#fillOne);
      for (const many of group.many) yield [many, { ...missing, labels: this.#groupLabels(many.labels) }];
    }
    if (this.#fillMany !== undefined) {
      const missing = this.#fillColumn(group.many, this.#fillMany);
      for (const one of group.one) yield [{ ...missing, labels: this.#groupLabels(one.labels) }, one];
    }
  }

  /** A constant at the steps where none of the series has a sample. */
  #fillColumn(series: readonly ColumnSeries[], value: number): ColumnSeries {
    const column = createColumn(Labels.EMPTY, false, this.#count);
    const union = unionOf(series, this.#count);
    for (let i = 0; i < union.length; i++) if (union[i] === ABSENT) column.present[i] = FLOAT;
    column.values.fill(value);
    return column;
  }

  #combine(many: ColumnSeries, one: ColumnSeries): ColumnSeries {
    const { returnBool } = this.#expression;
    const dropName = returnBool || many.dropName;
    const column = createColumn(this.#resultLabels(many.labels, one.labels), dropName, this.#count);
    const left = this.#isSwapped ? one : many;
    const right = this.#isSwapped ? many : one;
    this.#combineFloats(left, right, column);
    const hasHistograms = left.histograms !== undefined || right.histograms !== undefined;
    const result = hasHistograms || this.#isTrim ? this.#combineHistograms(left, right, column) : column;
    return returnBool ? withoutName(result, this.#context.delayedNameRemoval) : result;
  }

  #combineFloats(left: ColumnSeries, right: ColumnSeries, out: ColumnSeries): void {
    const { operator, returnBool } = this.#expression;
    const compare = comparisonOf(operator);
    const combine = arithmeticOf(operator);
    const { budget } = this.#context;
    for (let i = 0; i < this.#count; i++) {
      budget.workAt(i);
      if (left.present[i] !== FLOAT || right.present[i] !== FLOAT) continue;
      const value = left.values[i]!;
      if (compare !== undefined) {
        const isTrue = compare(value, right.values[i]!);
        if (!isTrue && !returnBool) continue;
        out.values[i] = returnBool ? Number(isTrue) : value;
      } else if (combine !== undefined) {
        out.values[i] = combine(value, right.values[i]!);
      } else {
        continue;
      }
      out.present[i] = FLOAT;
    }
  }

  get #isTrim(): boolean {
    return this.#expression.operator === "</" || this.#expression.operator === ">/";
  }

  /** The steps at which either side is a histogram, and floats where only histograms make sense. */
  #combineHistograms(left: ColumnSeries, right: ColumnSeries, floats: ColumnSeries): ColumnSeries {
    const histograms: HistogramColumn = [];
    const column = { ...floats, histograms };
    for (let i = 0; i < this.#count; i++) {
      if (left.present[i] === ABSENT || right.present[i] === ABSENT) continue;
      if (left.present[i] === FLOAT && right.present[i] === FLOAT && !this.#isTrim) continue;
      const operands = { left: operandAt(left, i), right: operandAt(right, i) };
      combineWithHistogram(this.#expression, operands, column, histograms, i, this.#context);
    }
    return column;
  }

  #resultLabels(many: Labels, one: Labels): Labels {
    const { cardinality, on, labels: names, include } = this.#matching;
    let result = this.#dropsName ? withoutMetadataLabels(many) : many;
    if (cardinality === "one-to-one") result = on ? result.keep(new Set(names)) : result.drop(new Set(names));
    for (const name of include) result = result.with(name, one.get(name));
    return result;
  }
}

function unionOf(series: readonly ColumnSeries[], count: number): Uint8Array {
  const union = new Uint8Array(count);
  for (const { present } of series) for (let i = 0; i < count; i++) if (present[i] !== ABSENT) union[i] = FLOAT;
  return union;
}

/**
 * Series of the "one" side that follow each other, as one: their labels do not matter where none is copied. Steps at
 * which several have a sample have been refused, unless there is nothing to match them.
 */
function joined(series: readonly ColumnSeries[]): readonly ColumnSeries[] {
  const [first, ...rest] = series;
  if (first === undefined || rest.length === 0) return series;
  const column = createColumn(first.labels, first.dropName, first.present.length);
  const histograms: HistogramColumn = [];
  for (const one of series) {
    for (let i = 0; i < one.present.length; i++) {
      if (one.present[i] === ABSENT) continue;
      column.values[i] = one.values[i]!;
      column.present[i] = one.present[i]!;
      histograms[i] = one.histograms?.[i];
    }
  }
  return [series.some((one) => one.histograms !== undefined) ? { ...column, histograms } : column];
}

/** One-to-one: each step of a group may give one result only. */
function claimSteps(column: ColumnSeries, matched: Uint8Array): void {
  for (let i = 0; i < matched.length; i++) {
    if (column.present[i] === ABSENT) continue;
    if (matched[i] === 1) {
      throw new QueryExecutionError(
        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
      );
    }
    matched[i] = 1;
  }
}

/** Many-to-one: results of one group with the same labels may not meet at a step. */
function fillSteps(target: ColumnSeries, source: ColumnSeries): void {
  for (let i = 0; i < source.present.length; i++) {
    if (source.present[i] === ABSENT) continue;
    if (target.present[i] !== ABSENT) {
      throw new QueryExecutionError("multiple matches for labels: grouping labels must ensure unique matches");
    }
    target.values[i] = source.values[i]!;
    target.present[i] = source.present[i]!;
    if (source.histograms !== undefined && target.histograms !== undefined) target.histograms[i] = source.histograms[i];
  }
}
