import { type CacheableQuery, type CacheShape, cacheShapeOf, dependencyOf } from "./cache-shape.ts";
import type { BypassReason, CacheMetrics, CacheResult, VoidReason } from "./cache-metrics.ts";
import { MAX_CACHED_CELLS } from "./columns-of.ts";
import { type CachedChunk, type ChunkRemarks, decodeChunk, encodeChunk } from "./cached-chunk.ts";
import { hasRemarks, joinRemarks, limitRemarks, speaksOfRange } from "./chunk-remarks.ts";
import type { ChunkStore } from "./chunk-store.ts";
import type { LateSamples, LateState } from "./late-samples.ts";
import { missingSteps, type StepRange } from "./missing-steps.ts";
import { joinSteps, type StepMatrix, sliceSteps, timeOf } from "./step-matrix.ts";
import { RecentKeys } from "../execution/recent-keys.ts";
import type { QueryRange } from "@monotreme/promql";

/** What the cache stands on. */
export interface ResultCacheParts {
  readonly store: ChunkStore;
  readonly late: LateSamples;
  /** Less than keys of the bucket of late samples live. */
  readonly ttlMs: number;
}

export interface ResultCacheOptions extends ResultCacheParts {
  readonly metrics: CacheMetrics;
  /** Epoch ms. */
  readonly now: () => number;
}

export interface CacheQuery extends CacheableQuery {
  readonly text: string;
}

/** What the evaluation of some steps gave. */
export interface EvaluatedSteps extends ChunkRemarks {
  readonly matrix: StepMatrix;
}

/** The whole answer, put together from what was kept and what was evaluated. */
export interface CachedAnswer extends EvaluatedSteps {
  readonly result: CacheResult;
  readonly shape: CacheShape;
}

/** Evaluates a range; undefined where the result is too large to be kept. */
export type EvaluateSteps = (range: QueryRange, shape: CacheShape) => Promise<EvaluatedSteps | undefined>;

/** Steps of one chunk; the first is a multiple of it. */
const CHUNK_STEPS = 120;
const MAX_CHUNK_BYTES = 512 * 1024;
/** Shared look-ups of series may be older than what a query has heard of late samples, by half a second. */
const LOOKUP_AGE_MS = 1000;
/** Of a key that includes the form of chunks. */
const KEY_PREFIX = "monotreme:query:2:";

/**
 * Keeps results of range queries in chunks of steps, and evaluates only what is missing. A chunk counts only as long as
 * no sample that it was computed from has changed, which the bucket of late samples tells (ADR 10). Nothing that goes
 * wrong with the cache is an error of the query.
 */
export class ResultCache {
  readonly #options: ResultCacheOptions;
  /** Queries whose results turned out to be too large. */
  readonly #large = new RecentKeys(1000);

  constructor(options: ResultCacheOptions) {
    this.#options = options;
  }

  /** Undefined where the cache cannot help: the query is then to be evaluated as if there were none. */
  async answer(query: CacheQuery, evaluate: EvaluateSteps): Promise<CachedAnswer | undefined> {
    const { store, late, metrics, now } = this.#options;
    const shape = cacheShapeOf(query, now());
    if (shape === undefined) return this.bypass("shape");
    if (this.#large.has(shape.key)) return this.bypass("large");
    const startedMs = performance.now();
    const keys = chunkIndexesOf(shape.firstStep, Math.min(shape.lastStep, shape.lastSettledStep)).map(
      (index) => `${KEY_PREFIX}${shape.key}:${index}`,
    );
    const [state, bytes] = await Promise.all([late.current(), store.get(keys)]);
    if (state === undefined || bytes === undefined) return this.bypass("unavailable");
    const chunks = this.#usable(bytes, query, shape, state);
    const parts = chunks.map((chunk) => cut(chunk, shape));
    const wanted = { first: shape.firstStep, last: shape.lastStep };
    const gaps = missingSteps(wanted, parts.map(stepsOf));
    const evaluated = await this.#evaluate(gaps, shape, evaluate);
    if (evaluated === undefined) {
      this.#large.add(shape.key);
      return this.bypass("large");
    }
    // Where gaps were joined, what lies between them was evaluated again.
    const kept = parts.filter((part) => !gaps.some((gap) => gap.first <= part.firstStep && part.firstStep <= gap.last));
    const all = [...kept, ...evaluated.map(({ matrix }) => matrix)].sort((a, b) => a.firstStep - b.firstStep);
    const matrix = joinSteps(all);
    const result = gaps.length === 0 ? "hit" : kept.length === 0 ? "miss" : "partial";
    metrics.queries.inc({ result });
    const remarks = joinRemarks([...chunks, ...evaluated]);
    void this.#keep({ query, shape, state, startedMs, matrix, chunks, gaps }, joinRemarks(evaluated));
    return { result, shape, matrix, ...limitRemarks(remarks) };
  }

  /** Counts a query that is evaluated as if there were no cache. */
  bypass(reason: BypassReason): undefined {
    this.#options.metrics.queries.inc({ result: "bypass" });
    this.#options.metrics.bypasses.inc({ reason });
    return undefined;
  }

  #usable(bytes: readonly (Buffer | null)[], query: CacheQuery, shape: CacheShape, state: LateState): CachedChunk[] {
    const { metrics } = this.#options;
    const known = new Map();
    const chunks: CachedChunk[] = [];
    let cells = 0;
    for (const found of bytes) {
      if (found === null || cells > MAX_CACHED_CELLS) continue;
      metrics.bytes.inc({ direction: "read" }, found.length);
      const chunk = decodeChunk(found, known);
      const reason = chunk === undefined ? "unreadable" : this.#voidReason(chunk, query, shape, state);
      if (reason !== undefined) metrics.voids.inc({ reason });
      if (chunk === undefined || reason !== undefined) continue;
      const { first, last } = stepsOf(chunk.matrix);
      cells += chunk.matrix.count * chunk.matrix.series.length;
      if (first <= shape.lastStep && last >= shape.firstStep) chunks.push(chunk);
    }
    return chunks;
  }

  #voidReason(chunk: CachedChunk, query: CacheQuery, shape: CacheShape, state: LateState): VoidReason | undefined {
    const { now, ttlMs } = this.#options;
    const ageMs = now() - chunk.storedMs;
    if (chunk.epoch !== state.epoch) return "other_epoch";
    if (Math.abs(ageMs) > ttlMs) return "expired";
    if (hasRemarks(chunk) && chunk.text !== query.text) return "other_text";
    const { first, last } = stepsOf(chunk.matrix);
    const change = state.index.latestIn(query.tenant, dependencyOf(query, shape.grid, first, last));
    return change !== undefined && change.revision > chunk.revision ? "late_samples" : undefined;
  }

  async #evaluate(
    gaps: readonly StepRange[],
    shape: CacheShape,
    evaluate: EvaluateSteps,
  ): Promise<EvaluatedSteps[] | undefined> {
    const evaluated: EvaluatedSteps[] = [];
    const { grid } = shape;
    for (const { first, last } of gaps) {
      const range = { startMs: timeOf(grid, first), endMs: timeOf(grid, last), stepMs: grid.stepMs };
      const one = await evaluate(range, shape);
      if (one === undefined) return undefined;
      evaluated.push(one);
    }
    return evaluated;
  }

  /** Stores the chunks that have new steps; never rejects. */
  async #keep(answer: AnswerToKeep, remarks: ChunkRemarks): Promise<void> {
    const { metrics } = this.#options;
    const { shape, gaps } = answer;
    const isNew = (index: number): boolean =>
      gaps.some(({ first, last }) => chunkOf(first) <= index && index <= chunkOf(last));
    const indexes = chunkIndexesOf(shape.firstStep, Math.min(shape.lastStep, shape.lastSettledStep)).filter(isNew);
    if (speaksOfRange(remarks)) {
      metrics.stores.inc({ result: "remarks" }, indexes.length);
      return;
    }
    await Promise.all(indexes.map(async (index) => this.#keepChunk(index, answer, remarks)));
  }

  async #keepChunk(index: number, answer: AnswerToKeep, evaluatedRemarks: ChunkRemarks): Promise<void> {
    const { store, metrics, now, ttlMs } = this.#options;
    const { query, shape, state, startedMs } = answer;
    const before = answer.chunks.find(({ matrix }) => chunkOf(matrix.firstStep) === index);
    const first = Math.max(shape.firstStep, index * CHUNK_STEPS);
    const last = Math.min(shape.lastStep, shape.lastSettledStep, (index + 1) * CHUNK_STEPS - 1);
    const matrix = joinSteps(extended(sliceSteps(answer.matrix, first, last), before?.matrix));
    const steps = stepsOf(matrix);
    const change = state.index.latestIn(query.tenant, dependencyOf(query, shape.grid, steps.first, steps.last));
    if (change !== undefined && change.heardMs > startedMs - LOOKUP_AGE_MS) {
      metrics.stores.inc({ result: "unsettled" });
      return;
    }
    const remarks = joinRemarks(before === undefined ? [evaluatedRemarks] : [before, evaluatedRemarks]);
    const { epoch, revision } = state;
    const text = hasRemarks(remarks) ? query.text : "";
    const bytes = encodeChunk({ epoch, revision, storedMs: now(), text, matrix, ...remarks });
    if (bytes.length > MAX_CHUNK_BYTES) {
      metrics.stores.inc({ result: "large" });
      return;
    }
    const result = await store.set(`${KEY_PREFIX}${shape.key}:${index}`, bytes, ttlMs);
    metrics.stores.inc({ result });
    if (result === "stored") metrics.bytes.inc({ direction: "written" }, bytes.length);
  }
}

interface AnswerToKeep {
  readonly query: CacheQuery;
  readonly shape: CacheShape;
  readonly state: LateState;
  readonly startedMs: number;
  readonly matrix: StepMatrix;
  readonly chunks: readonly CachedChunk[];
  readonly gaps: readonly StepRange[];
}

function chunkOf(step: number): number {
  return Math.floor(step / CHUNK_STEPS);
}

function chunkIndexesOf(firstStep: number, lastStep: number): number[] {
  const first = chunkOf(firstStep);
  return Array.from({ length: chunkOf(lastStep) - first + 1 }, (_, i) => first + i);
}

function stepsOf({ firstStep, count }: StepMatrix): StepRange {
  return { first: firstStep, last: firstStep + count - 1 };
}

/** What of a chunk was asked for. */
function cut({ matrix }: CachedChunk, shape: CacheShape): StepMatrix {
  const { first, last } = stepsOf(matrix);
  return sliceSteps(matrix, Math.max(first, shape.firstStep), Math.min(last, shape.lastStep));
}

/** The steps with those before and after them that are known already and follow without a gap. */
function extended(part: StepMatrix, known: StepMatrix | undefined): StepMatrix[] {
  if (known === undefined) return [part];
  const own = stepsOf(part);
  const other = stepsOf(known);
  const isBefore = other.first < own.first && other.last >= own.first - 1;
  const isAfter = other.last > own.last && other.first <= own.last + 1;
  return [
    ...(isBefore ? [sliceSteps(known, other.first, own.first - 1)] : []),
    part,
    ...(isAfter ? [sliceSteps(known, own.last + 1, other.last)] : []),
  ];
}
