import { ABSENT_FUNCTIONS } from "./absent-functions.ts";
import { DATE_FUNCTIONS } from "./date-functions.ts";
import type { CallFunction } from "./function-call.ts";
import { HISTOGRAM_FUNCTIONS } from "./histogram-functions.ts";
import { LABEL_FUNCTIONS } from "./label-functions.ts";
import { MATH_FUNCTIONS } from "./math-functions.ts";
import { NATIVE_HISTOGRAM_FUNCTIONS } from "./native-histogram-functions.ts";
import { SCALAR_FUNCTIONS } from "./scalar-functions.ts";
import { SORT_FUNCTIONS } from "./sort-functions.ts";

/** All functions whose arguments are no range vectors, by name. */
export const CALL_FUNCTIONS: ReadonlyMap<string, CallFunction> = new Map(
  Object.entries({
    ...ABSENT_FUNCTIONS,
    ...DATE_FUNCTIONS,
    ...HISTOGRAM_FUNCTIONS,
    ...LABEL_FUNCTIONS,
    ...MATH_FUNCTIONS,
    ...NATIVE_HISTOGRAM_FUNCTIONS,
    ...SCALAR_FUNCTIONS,
    ...SORT_FUNCTIONS,
  }),
);
