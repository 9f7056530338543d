export type * from "./ast.ts";
export { alignedRequest } from "./buckets/align-request.ts";
export { mapColumns } from "./buckets/bucket-columns.ts";
export { bucketize } from "./buckets/bucketize.ts";
export { type AvailableResolutions, chooseResolution } from "./buckets/choose-resolution.ts";
export { coarsen } from "./buckets/coarsen.ts";
export { EXACT_RANGE_FUNCTIONS } from "./buckets/exact-functions.ts";
export { joinBuckets } from "./buckets/join-buckets.ts";
export { plainView } from "./buckets/plain-view.ts";
export { Engine, type EngineOptions, type QueryLimits } from "./engine/engine.ts";
export { type PlanOptions, planQuery, type QueryPlan, type QueryRange } from "./engine/plan-query.ts";
export {
  QueryExecutionError,
  QueryInvalidError,
  QueryStoppedError,
  TooManySamplesError,
} from "./engine/query-error.ts";
export { type Language, languageOf, splitFeatures } from "./language.ts";
export { childrenOf } from "./parser/children-of.ts";
export { FUNCTION_SIGNATURES, type FunctionSignature } from "./parser/function-signatures.ts";
export { ParseError } from "./parser/parse-error.ts";
export { MAX_TREE_DEPTH } from "./parser/expression-parser.ts";
export { MAX_QUERY_LENGTH, parseExpression } from "./parser/parse-expression.ts";
export type { ParserOptions } from "./parser/parser-options.ts";
export { parseSelector } from "./parser/parse-selector.ts";
export { documentedType, valueTypeOf } from "./parser/value-type.ts";
export { formatExpression } from "./printer/format-expression.ts";
export { printExpression } from "./printer/print-expression.ts";
export type { SampleSource, SelectRequest } from "./sample-source.ts";
export type {
  NativeHistogram,
  QueryResult,
  QueryValue,
  SampleBuckets,
  SamplePoint,
  SampleStatistics,
  SeriesSamples,
  VectorSample,
} from "./value.ts";
