import type { QueryLoad } from "./query-load.ts";

/** One line of the table: the same expression, asked again and again or shifted by a step each time. */
export interface BenchQuery {
  readonly name: string;
  readonly expression: string;
  readonly startMs: number;
  readonly endMs: number;
  /** 0: an instant query at the end. */
  readonly stepMs: number;
  /** Each run is a step later than the one before, as a dashboard's refreshes are. */
  readonly isShifted: boolean;
  readonly isHeavy: boolean;
  /** VictoriaMetrics gives its own meaning to some functions; what it answers then is shown but not compared. */
  readonly isSameInVictoriaMetrics: boolean;
  /** Which of several equal series is picked is nobody's promise; only the values are compared. */
  readonly hasTies: boolean;
}

const HOUR_MS = 3_600_000;
/** Refreshes of a dashboard. */
export const SHIFTS = 20;
const STEP_MS = 60_000;
const STEPS = 330;
/** Where data begin within a window, `rate` of 2.42 and of 3 extrapolate differently. */
const MARGIN_MS = 10 * 60_000;

/** Times lie on whole 5 s after the end of the load, and its samples never do. */
export function benchQueries({ endMs, hours }: QueryLoad): readonly BenchQuery[] {
  const spanMs = Math.min(STEPS * STEP_MS, hours * HOUR_MS - MARGIN_MS);
  const range = { startMs: endMs - spanMs, endMs, stepMs: STEP_MS };
  const shiftedSpanMs = hours * HOUR_MS - SHIFTS * STEP_MS - MARGIN_MS;
  const shifted = {
    startMs: endMs - SHIFTS * STEP_MS - Math.floor(shiftedSpanMs / STEP_MS) * STEP_MS,
    endMs: endMs - SHIFTS * STEP_MS,
    stepMs: STEP_MS,
  };
  const plain = { isShifted: false, isHeavy: false, isSameInVictoriaMetrics: false, hasTies: false };
  const rate = "sum by (job) (rate(bench_requests_total[5m]))";
  return [
    { ...plain, ...range, name: "sum by (job) (rate[5m])", expression: rate, isHeavy: true },
    {
      ...plain,
      ...range,
      name: "topk(5, max_over_time[1h])",
      expression: "topk(5, max_over_time(bench_requests_total[1h]))",
      isHeavy: true,
      isSameInVictoriaMetrics: true,
      hasTies: true,
    },
    {
      ...plain,
      name: "histogram_quantile(0.99, …)",
      expression: "histogram_quantile(0.99, sum by (le, job) (rate(bench_latency_seconds_bucket[5m])))",
      ...range,
    },
    {
      ...plain,
      name: "one series, 24 h",
      expression: "bench_long_total",
      startMs: endMs - 24 * HOUR_MS + 60_000,
      endMs,
      stepMs: 60_000,
      isSameInVictoriaMetrics: true,
    },
    {
      ...plain,
      ...range,
      name: "one series, instant",
      expression: 'bench_requests_total{pod="api-server-000042"}',
      stepMs: 0,
      isSameInVictoriaMetrics: true,
    },
    { ...plain, ...shifted, name: "heavy panel, refreshed", expression: rate, isShifted: true, isHeavy: true },
    {
      ...plain,
      ...shifted,
      name: "panel of a host, refreshed",
      expression: 'sum by (handler) (rate(bench_requests_total{instance="host-0007.example.com:9100"}[5m]))',
      isShifted: true,
    },
  ];
}
