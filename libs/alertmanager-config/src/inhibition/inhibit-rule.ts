import type { LabelMatcher } from "../matchers/label-matcher.ts";

/** Alerts that match the target are muted while one fires that matches the source and agrees in the `equal` labels. */
export interface InhibitRule {
  readonly name: string;
  /** Sorted; the deprecated `source_match` and `source_match_re` included. */
  readonly sourceMatchers: readonly LabelMatcher[];
  readonly targetMatchers: readonly LabelMatcher[];
  readonly equal: readonly string[];
}
