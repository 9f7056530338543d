import type { ParserOptions } from "./parser/parser-options.ts";

/** The language as the features that are switched on make it. */
export interface Language {
  readonly parser: ParserOptions;
  readonly delayedNameRemoval: boolean;
  /** rate() and its like heed the start timestamps of samples. */
  readonly useStartTimestamps: boolean;
}

/** The values of Prometheus' `--enable-feature`, which are separated by commas. */
export function splitFeatures(features: string): ReadonlySet<string> {
  return new Set(features.split(",").map((name) => name.trim()));
}

/** What values of Prometheus' `--enable-feature` mean for the language; names without a meaning here are passed over. */
export function languageOf(features: ReadonlySet<string>): Language {
  return {
    parser: {
      experimentalFunctions: features.has("promql-experimental-functions"),
      extendedRangeSelectors: features.has("promql-extended-range-selectors"),
      binopFillModifiers: features.has("promql-binop-fill-modifiers"),
    },
    delayedNameRemoval: features.has("promql-delayed-name-removal"),
    useStartTimestamps: features.has("use-start-timestamps"),
  };
}
