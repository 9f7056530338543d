import { ClickHouse } from "@monotreme/clickhouse";

/** What lies in the table of samples, whatever the API makes of it. */
export interface StoredSamples {
  /** Rows; more than `distinct` where one sample lies there twice and no merge has met it yet. */
  readonly rows: number;
  /** Different pairs of series and timestamp, stale markers among them. */
  readonly distinct: number;
}

/** Counts the samples in the database `monotreme` of a ClickHouse; those of the metrics that are like a pattern of SQL. */
export async function countStoredSamples(clickhouseUrl: string, metrics = "%"): Promise<StoredSamples> {
  const clickhouse = new ClickHouse({ url: clickhouseUrl, database: "monotreme" });
  try {
    const [row] = await clickhouse.queryRows(
      `SELECT toFloat64(count()) AS rows, toFloat64(uniqExact(metric_id, series_id, ts)) AS distinct FROM samples
       WHERE metric_id IN (SELECT metric_id FROM series WHERE metric LIKE {metrics:String})`,
      { parameters: { metrics } },
    );
    return { rows: Number(row?.["rows"]), distinct: Number(row?.["distinct"]) };
  } finally {
    await clickhouse.close();
  }
}
