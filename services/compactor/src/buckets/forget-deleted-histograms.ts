import type { Resolution } from "@monotreme/blocks";
import type { ClickHouse } from "@monotreme/clickhouse";
import type { DeletionMasks } from "@monotreme/storage";

const SETTINGS = { mutations_sync: "2", lightweight_deletes_sync: "2" } as const;

/**
 * Removes from a block's histograms what deletions in force have hidden. A deletion does so itself, but a job that read
 * histograms before it may have written them after it; the job that remakes the block because of the deletion ends that.
 */
export async function forgetDeletedHistograms(
  clickhouse: ClickHouse,
  {
    resolution,
    startMs,
    masks,
    signal,
  }: {
    readonly resolution: Resolution;
    readonly startMs: number;
    readonly masks: DeletionMasks;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const deletions = masks.within(startMs, resolution.blockMs);
  if (deletions.length === 0) return;
  const ofBlock = `resolution = ${resolution.resolutionMs} AND start = {start:Int64}`;
  const start = String(startMs);
  const [row] = await clickhouse.queryRows(`SELECT count() > 0 AS has_rows FROM bucket_histograms WHERE ${ofBlock}`, {
    parameters: { start },
    signal,
  });
  if (Number(row?.["has_rows"]) === 0) return;
  for (const { id, fromMs, untilMs } of deletions) {
    await clickhouse.command(
      `DELETE FROM bucket_histograms WHERE ${ofBlock} AND ts >= {from:Int64} AND ts <= {until:Int64}
        AND (metric_id, series_id) IN (SELECT metric_id, series_id FROM deletion_series WHERE deletion = {id:String})`,
      { parameters: { start, id, from: String(fromMs), until: String(untilMs) }, settings: SETTINGS, signal },
    );
  }
}
