import type { ParserOptions } from "@monotreme/promql";

/** What upstream's `--enable-feature` values mean for rules. */
export interface RuleLanguage {
  readonly parser: ParserOptions;
  readonly delayedNameRemoval: boolean;
  readonly useStartTimestamps: boolean;
  /** `concurrent-rule-eval`. */
  readonly isConcurrent: boolean;
}

/** Names without a meaning here are passed over. */
export function languageFromFeatures(features: string): RuleLanguage {
  const enabled = new Set(features.split(",").map((name) => name.trim()));
  return {
    parser: {
      experimentalFunctions: enabled.has("promql-experimental-functions"),
      extendedRangeSelectors: enabled.has("promql-extended-range-selectors"),
      binopFillModifiers: enabled.has("promql-binop-fill-modifiers"),
    },
    delayedNameRemoval: enabled.has("promql-delayed-name-removal"),
    useStartTimestamps: enabled.has("use-start-timestamps"),
    isConcurrent: enabled.has("concurrent-rule-eval"),
  };
}
