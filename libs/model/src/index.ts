export { formatDurationMs, parseDurationMs } from "./duration.ts";
export { formatFloat, parseFloatGo } from "./float.ts";
export {
  compareLabels,
  isLegacyLabelName,
  isLegacyMetricName,
  Labels,
  MAX_LABELS_LENGTH,
  METRIC_NAME,
} from "./labels.ts";
export { PatternBudget } from "./pattern-budget.ts";
export { compileAnchored, matchesAll, Matcher, type MatchType } from "./matcher.ts";
export { METRIC_TYPES, type MetricMetadata, type MetricType } from "./metadata.ts";
export { COUNTER_RESET_HINTS, type CounterResetHint, hintAfter, type NativeHistogram } from "./native-histogram.ts";
export { createSeriesHasher, type SeriesHasher } from "./series-hasher.ts";
export {
  isStaleAt,
  NORMAL_NAN_HIGH,
  NORMAL_NAN_LOW,
  STALE_NAN_HIGH,
  STALE_NAN_LOW,
  wordsOf,
  writeStaleAt,
} from "./staleness.ts";
export { compareUtf8 } from "./utf8.ts";
