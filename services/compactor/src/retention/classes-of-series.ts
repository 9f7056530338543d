import { WINDOW_MS } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import { Labels } from "@monotreme/model";
import { DEFAULT_CLASS, type RetentionPolicies, type RetentionPolicy } from "@monotreme/retention";
import { dayOf, indexDay } from "@monotreme/storage";
import type { ClassesOfSeries } from "../jobs/raw-job.ts";

/**
 * The retention classes of series by their labels, as the index has them on the days of a window. Nothing is looked up
 * where the policy has no classes; a series that the index does not know is of the default class.
 */
export function createClassesOfSeries(clickhouse: ClickHouse, policies: RetentionPolicies): ClassesOfSeries {
  return async (ids, windowMs, signal) => {
    const policy = policies.current;
    const count = ids.length / 4;
    if (!policy.hasClasses) return Array<string>(count).fill(DEFAULT_CLASS);
    const keys = Array.from({ length: count }, (_, i) => keyOf(wordsAt(ids, i * 4), wordsAt(ids, i * 4 + 2)));
    const classes = await readClasses(clickhouse, policy, { keys, windowMs, signal });
    return keys.map((key) => classes.get(key) ?? DEFAULT_CLASS);
  };
}

async function readClasses(
  clickhouse: ClickHouse,
  policy: RetentionPolicy,
  { keys, windowMs, signal }: { keys: readonly string[]; windowMs: number; signal: AbortSignal },
): Promise<Map<string, string>> {
  const metricIds = new Set(keys.map((key) => key.slice(0, key.indexOf(","))));
  // Windows are left-open: the last one of a day ends with the first instant of the next.
  const days = [windowMs + 1, windowMs + WINDOW_MS].map((edgeMs) => indexDay(dayOf(edgeMs)));
  const query = `SELECT tenant, metric_id, series_id, labels FROM series
    WHERE day >= toDate({firstDay:UInt16}) AND day <= toDate({lastDay:UInt16})
      AND metric_id IN (${[...metricIds].join(",")})
      AND (metric_id, series_id) IN (${keys.map((key) => `(${key})`).join(",")})
    LIMIT 1 BY metric_id, series_id`;
  const parameters = { firstDay: days[0] ?? 0, lastDay: days[1] ?? 0 };
  const classes = new Map<string, string>();
  for await (const block of clickhouse.selectNative(query, { parameters, signal })) {
    const [tenants, labels] = [block.strings("tenant"), block.lists("labels")];
    const [metrics, series] = [block.uint64("metric_id"), block.uint64("series_id")];
    for (const [row, pairs] of labels.entries()) {
      const className = policy.classOfSeries(tenants[row] ?? "", labelsOf(pairs));
      if (className !== DEFAULT_CLASS) classes.set(keyOf(metrics[row] ?? 0n, series[row] ?? 0n), className);
    }
  }
  return classes;
}

function labelsOf(pairs: readonly string[]): Labels {
  const entries: [string, string][] = [];
  for (let i = 0; i < pairs.length; i += 2) entries.push([pairs[i] ?? "", pairs[i + 1] ?? ""]);
  return Labels.fromEntries(entries);
}

function wordsAt(ids: Uint32Array, at: number): bigint {
  return (BigInt(ids[at + 1] ?? 0) << 32n) | BigInt(ids[at] ?? 0);
}

function keyOf(metricId: bigint, seriesId: bigint): string {
  return `${metricId},${seriesId}`;
}
