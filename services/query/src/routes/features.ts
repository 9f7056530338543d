import { type FastifyInstance, successEnvelope } from "@monotreme/http";
import { FUNCTION_SIGNATURES } from "@monotreme/promql";
import type { RouteContext } from "./route-context.ts";

const OPERATORS = "+ - * / % ^ == != > < >= <= =~ !~ @ and or unless atan2".split(" ");
const AGGREGATIONS = "sum avg min max group count stddev stdvar topk bottomk count_values quantile".split(" ");
const EXPERIMENTAL_AGGREGATIONS = ["limitk", "limit_ratio"];

/** `/api/v1/features`: what clients may rely on here, in upstream's groups. */
export function addFeaturesRoute(app: FastifyInstance, { language }: RouteContext, isAdminEnabled: boolean): void {
  const { experimentalFunctions = false, durationExpressions = true } = language.parser;
  const { extendedRangeSelectors = false, binopFillModifiers = false } = language.parser;
  const features = {
    api: {
      admin: isAdminEnabled,
      exclude_alerts: false,
      label_values_match: true,
      lifecycle: true,
      otlp_write_receiver: false,
      query_stats: true,
      query_warnings: true,
      remote_write_receiver: true,
      time_range_labels: true,
      time_range_series: true,
    },
    promql: {
      anchored: extendedRangeSelectors,
      at_modifier: true,
      bool: true,
      by: true,
      delayed_name_removal: language.delayedNameRemoval,
      duration_expr: durationExpressions,
      experimental_functions: experimentalFunctions,
      fill: binopFillModifiers,
      fill_left: binopFillModifiers,
      fill_right: binopFillModifiers,
      group_left: true,
      group_right: true,
      ignoring: true,
      negative_offset: true,
      offset: true,
      on: true,
      per_query_lookback_delta: true,
      smoothed: extendedRangeSelectors,
      subqueries: true,
      without: true,
    },
    promql_functions: Object.fromEntries(
      [...FUNCTION_SIGNATURES.values()]
        .map(({ name, isExperimental }) => [name, !isExperimental || experimentalFunctions] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    promql_operators: Object.fromEntries([
      ...[...OPERATORS, ...AGGREGATIONS].map((name) => [name, true] as const),
      ...EXPERIMENTAL_AGGREGATIONS.map((name) => [name, experimentalFunctions] as const),
    ]),
  };
  app.get("/api/v1/features", async () => successEnvelope(features));
}
