/** What Prometheus changed between 2.42 and 3, so that our answer differs from that of 2.42 on purpose. */
export interface KnownDifference {
  readonly why: string;
  /** Queries whose answers are not compared. */
  readonly queries: RegExp;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    why: "2.42 kept the metric's name in the result of atan2",
    queries: / atan2 /,
  },
  {
    why: "the variance of one infinite sample was 0 and is NaN",
    queries: /^std(?:dev|var) without \(instance\) \(temperature\)$/,
  },
  {
    why: "where a window's first sample is far from its start and near zero, the extrapolation was not cut to half an interval before it was cut to where the counter was zero; our counters stay away from zero, gauges do not",
    queries: /^(?:rate|increase)\((?:temperature|queue_length|rate)\b/,
  },
];
