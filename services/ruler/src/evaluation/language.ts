import { type Language, languageOf, splitFeatures } from "@monotreme/promql";

/** What upstream's `--enable-feature` values mean for rules. */
export interface RuleLanguage extends Language {
  /** `concurrent-rule-eval`. */
  readonly isConcurrent: boolean;
}

/** Names without a meaning here are passed over. */
export function languageFromFeatures(features: string): RuleLanguage {
  const enabled = splitFeatures(features);
  return { ...languageOf(enabled), isConcurrent: enabled.has("concurrent-rule-eval") };
}
