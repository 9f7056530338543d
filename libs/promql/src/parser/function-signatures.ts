import type { ValueType } from "../ast.ts";

/** What a function takes and gives. */
export interface FunctionSignature {
  readonly name: string;
  readonly argumentTypes: readonly ValueType[];
  /** 0: all arguments needed; n > 0: the last type may be given 0 to n times; -1: any number of times. */
  readonly variadic: number;
  readonly returnType: ValueType;
  /** Needs `experimentalFunctions`. */
  readonly isExperimental: boolean;
}

interface Variation {
  readonly variadic?: number;
  readonly returns?: ValueType;
  readonly experimental?: boolean;
}

const EXPERIMENTAL: Variation = { experimental: true };
const EXPERIMENTAL_SCALAR: Variation = { experimental: true, returns: "scalar" };
const OPTIONAL: Variation = { variadic: 1 };
const SCALAR: Variation = { returns: "scalar" };

/** Names, then their argument types, then what differs from a stable function of fixed arity that gives a vector. */
const TABLE: readonly (readonly [names: string, types: string, variation?: Variation])[] = [
  ["abs absent ceil exp floor ln log10 log2 sgn sort sort_desc sqrt timestamp", "vector"],
  ["acos acosh asin asinh atan atanh cos cosh deg rad sin sinh tan tanh", "vector"],
  ["histogram_avg histogram_count histogram_stddev histogram_stdvar histogram_sum", "vector"],
  ["absent_over_time avg_over_time count_over_time first_over_time last_over_time max_over_time", "matrix"],
  ["min_over_time present_over_time stddev_over_time stdvar_over_time sum_over_time", "matrix"],
  ["changes delta deriv idelta increase irate rate resets", "matrix"],
  ["day_of_month day_of_week day_of_year days_in_month hour minute month year", "vector", OPTIONAL],
  ["clamp", "vector scalar scalar"],
  ["clamp_max clamp_min", "vector scalar"],
  ["histogram_fraction", "scalar scalar vector"],
  ["histogram_quantile", "scalar vector"],
  ["label_join", "vector string string string", { variadic: -1 }],
  ["label_replace", "vector string string string string"],
  ["pi time", "", SCALAR],
  ["predict_linear", "matrix scalar"],
  ["quantile_over_time", "scalar matrix"],
  ["round", "vector scalar", OPTIONAL],
  ["scalar", "vector", SCALAR],
  ["vector", "scalar"],
  ["double_exponential_smoothing", "matrix scalar scalar", EXPERIMENTAL],
  ["end range start step", "", EXPERIMENTAL_SCALAR],
  ["histogram_quantiles", "vector string scalar scalar", { experimental: true, variadic: 9 }],
  ["info", "vector vector", { experimental: true, variadic: 1 }],
  ["mad_over_time", "matrix", EXPERIMENTAL],
  ["max_of min_of", "scalar scalar", EXPERIMENTAL_SCALAR],
  ["sort_by_label sort_by_label_desc", "vector string", { experimental: true, variadic: -1 }],
  ["start_timestamp", "vector", EXPERIMENTAL],
  ["ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time", "matrix", EXPERIMENTAL],
];

/** Every function of PromQL by name. */
export const FUNCTION_SIGNATURES: ReadonlyMap<string, FunctionSignature> = new Map(
  TABLE.flatMap(([names, types, variation]) =>
    names.split(" ").map((name) => [name, signatureOf(name, types, variation ?? {})]),
  ),
);

function signatureOf(name: string, types: string, variation: Variation): FunctionSignature {
  return {
    name,
    argumentTypes: types.split(" ").filter(isValueType),
    variadic: variation.variadic ?? 0,
    returnType: variation.returns ?? "vector",
    isExperimental: variation.experimental ?? false,
  };
}

function isValueType(text: string): text is ValueType {
  return text === "scalar" || text === "vector" || text === "matrix" || text === "string";
}
