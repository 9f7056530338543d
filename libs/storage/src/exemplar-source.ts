import type { ClickHouse } from "@monotreme/clickhouse";
import { compareLabels, type Labels, type Matcher } from "@monotreme/model";
import { LabelsReader } from "./labels-reader.ts";
import { idCondition, int64Text } from "./row-condition.ts";
import { seriesFilter, type TimeRange } from "./series-filter.ts";
import { findSeries } from "./series-lookup.ts";

/** A value that stands for the others of its time, with labels of its own such as a trace id. */
export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  readonly timestampMs: number;
}

/** The exemplars of one series in time order. */
export interface SeriesExemplars {
  readonly labels: Labels;
  readonly exemplars: readonly Exemplar[];
}

/** Series that satisfy any of the sets of matchers (none = no series), and both ends of the range inclusive. */
export interface ExemplarRequest extends TimeRange {
  readonly matcherSets: readonly (readonly Matcher[])[];
  /** At most that many exemplars in all; default 100,000, what upstream keeps. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** The exemplars of one tenant. */
export interface ExemplarSource {
  /** Series with exemplars in the range, in the order of their labels; QUERY_TOO_MANY_SERIES beyond a million. */
  exemplars(request: ExemplarRequest): Promise<readonly SeriesExemplars[]>;
}

const DEFAULT_LIMIT = 100_000;
const MAX_SERIES = 1_000_000;

/** Reads the exemplars of one tenant from ClickHouse; every read goes through the tenant's own index. */
export function createExemplarSource(clickhouse: ClickHouse, tenant: string): ExemplarSource {
  return {
    async exemplars(request) {
      const { matcherSets, fromMs, untilMs, signal, limit = DEFAULT_LIMIT } = request;
      if (matcherSets.length === 0 || untilMs < fromMs) return [];
      const filter = seriesFilter(tenant, matcherSets, request);
      const found = await findSeries(clickhouse, filter, { maxSeries: MAX_SERIES, signal });
      if (found.size === 0) return [];
      const query = `SELECT metric_id, series_id, toFloat64(ts) AS timestamp, value, labels FROM exemplars
        WHERE ${idCondition(matcherSets, filter, found)} AND ts >= {fromMs:Int64} AND ts <= {untilMs:Int64}
        ORDER BY metric_id, series_id, ts, value, mapKeys(labels), mapValues(labels)
        LIMIT 1 BY metric_id, series_id, ts, reinterpretAsUInt64(value), labels LIMIT ${Math.floor(limit)}`;
      const parameters = { ...filter.parameters, fromMs: int64Text(fromMs), untilMs: int64Text(untilMs) };
      const bySeries = new Map<Labels, Exemplar[]>();
      const reader = new LabelsReader();
      for await (const block of clickhouse.selectNative(query, { parameters, ...(signal && { signal }) })) {
        const [metricIds, seriesIds] = [block.uint64("metric_id"), block.uint64("series_id")];
        const [timestamps, values] = [block.float64("timestamp"), block.float64("value")];
        for (const [row, pairs] of block.lists("labels").entries()) {
          const series = found.get(metricIds[row] ?? 0n)?.get(seriesIds[row] ?? 0n);
          if (series === undefined) continue;
          let exemplars = bySeries.get(series);
          if (exemplars === undefined) bySeries.set(series, (exemplars = []));
          const [timestampMs = 0, value = 0] = [timestamps[row], values[row]];
          exemplars.push({ labels: reader.read(pairs), value, timestampMs });
        }
      }
      return Array.from(bySeries, ([labels, exemplars]) => ({ labels, exemplars })).sort((a, b) =>
        compareLabels(a.labels, b.labels),
      );
    },
  };
}
