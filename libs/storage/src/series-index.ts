import type { ClickHouse, QueryParameters } from "@monotreme/clickhouse";
import {
  compareLabels,
  type Labels,
  type Matcher,
  METRIC_NAME,
  METRIC_TYPES,
  type MetricMetadata,
} from "@monotreme/model";
import { LabelsReader } from "./labels-reader.ts";
import { seriesFilter, type TimeRange } from "./series-filter.ts";

/** What the index is asked: any of the sets of matchers (none = everything), on the days of a range of time. */
export interface IndexRequest extends TimeRange {
  readonly matcherSets: readonly (readonly Matcher[])[];
  /** At most that many answers; 0 = as many as there are, up to a million. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

export interface IndexAnswer<T> {
  readonly items: readonly T[];
  /** There is more than the limit let through. */
  readonly isTruncated: boolean;
}

export interface MetadataRequest {
  /** Only this metric; undefined = all. */
  readonly metric?: string;
  /** At most that many metrics; 0 = a million. */
  readonly limit: number;
  /** At most that many entries a metric; 0 = all. */
  readonly limitPerMetric: number;
  readonly signal?: AbortSignal;
}

/** The index of one tenant's series and what is known of its metrics. */
export interface SeriesIndex {
  /** The label sets, in Prometheus' order, each once. */
  series(request: IndexRequest): Promise<IndexAnswer<Labels>>;
  /** Label names, sorted by their bytes. */
  labelNames(request: IndexRequest): Promise<IndexAnswer<string>>;
  /** Values of one label, sorted by their bytes. */
  labelValues(name: string, request: IndexRequest): Promise<IndexAnswer<string>>;
  /** By metric name, sorted; of several entries of a metric the one seen last comes first. */
  metadata(request: MetadataRequest): Promise<ReadonlyMap<string, readonly MetricMetadata[]>>;
}

const MAX_ITEMS = 1_000_000;

export function createSeriesIndex(clickhouse: ClickHouse, tenant: string): SeriesIndex {
  return {
    async series(request) {
      const limit = limitOf(request.limit);
      const { condition, parameters } = seriesFilter(tenant, request.matcherSets, request);
      const query = `SELECT labels FROM series WHERE ${condition}
        LIMIT 1 BY metric_id, series_id LIMIT ${limit + 1}`;
      const reader = new LabelsReader();
      const found: Labels[] = [];
      for await (const block of clickhouse.selectNative(query, { parameters, ...signalOf(request) })) {
        for (const pairs of block.lists("labels")) found.push(reader.read(pairs));
      }
      return truncate(found.sort(compareLabels), limit);
    },

    async labelNames(request) {
      const { condition, parameters } = seriesFilter(tenant, request.matcherSets, request);
      const query = `SELECT DISTINCT arrayJoin(mapKeys(labels)) AS text FROM series WHERE ${condition}`;
      return distinctTexts(clickhouse, query, parameters, request);
    },

    async labelValues(name, request) {
      const { condition, parameters } = seriesFilter(tenant, request.matcherSets, request);
      const label = name === METRIC_NAME ? "metric" : "labels[{label:String}]";
      const query = `SELECT DISTINCT ${label} AS text FROM series WHERE ${condition} AND text != ''`;
      return distinctTexts(clickhouse, query, { ...parameters, label: name }, request);
    },

    metadata: (request) => readMetadata(clickhouse, tenant, request),
  };
}

async function distinctTexts(
  clickhouse: ClickHouse,
  query: string,
  parameters: QueryParameters,
  request: IndexRequest,
): Promise<IndexAnswer<string>> {
  const limit = limitOf(request.limit);
  const found: string[] = [];
  const sorted = `${query} ORDER BY text LIMIT ${limit + 1}`;
  for await (const block of clickhouse.selectNative(sorted, { parameters, ...signalOf(request) })) {
    found.push(...block.strings("text"));
  }
  return truncate(found, limit);
}

async function readMetadata(
  clickhouse: ClickHouse,
  tenant: string,
  request: MetadataRequest,
): Promise<ReadonlyMap<string, readonly MetricMetadata[]>> {
  const { metric, limitPerMetric } = request;
  const limit = limitOf(request.limit);
  const ofMetric = metric === undefined ? "" : "AND metric = {metric:String}";
  const perMetric = limitPerMetric > 0 ? `LIMIT ${Math.floor(limitPerMetric)} BY metric` : "";
  const query = `SELECT metric, type, unit, help FROM metadata WHERE tenant = {tenant:String} ${ofMetric}
    GROUP BY metric, type, unit, help ORDER BY metric, max(updated) DESC, type, unit, help ${perMetric}`;
  const parameters = { tenant, ...(metric !== undefined && { metric }) };
  const found = new Map<string, MetricMetadata[]>();
  for await (const block of clickhouse.selectNative(query, { parameters, ...signalOf(request) })) {
    const [metrics, types, units, helps] = ["metric", "type", "unit", "help"].map((name) => block.strings(name));
    for (const [row, name] of (metrics ?? []).entries()) {
      let entries = found.get(name);
      if (entries === undefined) {
        if (found.size === limit) return found;
        found.set(name, (entries = []));
      }
      const type = METRIC_TYPES.find((known) => known === types?.[row]) ?? "unknown";
      entries.push({ metric: name, type, help: helps?.[row] ?? "", unit: units?.[row] ?? "" });
    }
  }
  return found;
}

function limitOf(limit: number): number {
  return limit > 0 ? Math.min(Math.floor(limit), MAX_ITEMS) : MAX_ITEMS;
}

function signalOf({ signal }: { readonly signal?: AbortSignal }): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function truncate<T>(items: readonly T[], limit: number): IndexAnswer<T> {
  return items.length > limit ? { items: items.slice(0, limit), isTruncated: true } : { items, isTruncated: false };
}
