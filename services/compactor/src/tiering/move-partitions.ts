import { type ClickHouse, quoteIdentifier } from "@monotreme/clickhouse";
import { AppError, messageOf } from "@monotreme/errors";
import type { MovedKind, MoveRule, Tiers } from "@monotreme/retention";
import type { Logger } from "@monotreme/telemetry";
import { type Kind, type Partition, quotePartitionId, readPartitions } from "../retention/partitions.ts";
import type { TieringMetrics } from "./metrics.ts";

export interface TieringOptions {
  readonly clickhouse: ClickHouse;
  readonly tiers: Tiers;
  readonly logger: Logger;
  readonly metrics: TieringMetrics;
}

/** Tables whose partitions may move. Rows and the index stay where writes are. */
const TABLES = ["raw_chunks", "bucket_chunks", "bucket_histograms", "histograms"] as const;

const KIND_OF: ReadonlyMap<Kind, MovedKind> = new Map([
  ["raw", "raw"],
  ["histograms", "raw"],
  ["5m", "5m"],
  ["1h", "1h"],
]);

/**
 * Moves the partitions that are old enough to the volumes that the rules name, one by one, oldest first; returns those
 * that it moved. Queries go on meanwhile: a part is read where it was until it is whole where it goes. A move that was
 * cut short, or failed, is made again by the next call; the others go on.
 */
export async function moveOldPartitions(
  { clickhouse, tiers, logger, metrics }: TieringOptions,
  { nowMs, signal }: { readonly nowMs: number; readonly signal: AbortSignal },
): Promise<readonly Partition[]> {
  if (tiers.moves.length === 0) return [];
  const disksOf = await readVolumes(clickhouse, tiers, signal);
  await usePolicy(clickhouse, tiers.policyName, signal);
  const moved: Partition[] = [];
  const due = (await readPartitions(clickhouse, signal))
    .flatMap((partition) => dueMove(partition, tiers.moves, nowMs))
    .filter(({ partition, rule }) => !partition.disks.every((disk) => disksOf.get(rule.to)?.includes(disk)))
    .toSorted((a, b) => a.partition.untilMs - b.partition.untilMs);
  for (const { partition, rule } of due) {
    const { table, id, bytes, className } = partition;
    signal.throwIfAborted();
    const span = { from: new Date(partition.fromMs).toISOString(), until: new Date(partition.untilMs).toISOString() };
    const details = { kind: rule.kind, class: className, ...span, bytes, volume: rule.to };
    try {
      const move = `MOVE PARTITION ID ${quotePartitionId(id)} TO VOLUME '${rule.to.replaceAll(/\W/g, "")}'`;
      await clickhouse.command(`ALTER TABLE ${quoteIdentifier(table)} ${move}`, {
        signal,
        settings: { http_receive_timeout: MOVE_TIMEOUT_SECONDS },
      });
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ ...details, reason: messageOf(error) }, "a partition was not moved");
      continue;
    }
    moved.push(partition);
    metrics.partitions.inc({ kind: rule.kind });
    metrics.bytes.inc({ kind: rule.kind }, bytes);
    logger.info(details, "moved a partition");
  }
  return moved;
}

/** A large partition takes a while on its way to a far store. */
const MOVE_TIMEOUT_SECONDS = 3600;

function dueMove(
  partition: Partition,
  moves: readonly MoveRule[],
  nowMs: number,
): readonly { readonly partition: Partition; readonly rule: MoveRule }[] {
  const kind = KIND_OF.get(partition.kind);
  const rule = moves.find((move) => move.kind === kind);
  return rule === undefined || partition.untilMs > nowMs - rule.afterMs ? [] : [{ partition, rule }];
}

/** The disks of each volume of the policy. */
async function readVolumes(
  clickhouse: ClickHouse,
  { policyName, moves }: Tiers,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const volumes = new Map<string, readonly string[]>();
  const query = "SELECT volume_name, disks FROM system.storage_policies WHERE policy_name = {policyName:String}";
  for await (const block of clickhouse.selectNative(query, { parameters: { policyName }, signal })) {
    const disks = block.lists("disks");
    for (const [row, name] of block.strings("volume_name").entries()) volumes.set(name, disks[row] ?? []);
  }
  const missing = moves.find(({ to }) => !volumes.has(to));
  if (missing === undefined) return volumes;
  const found = volumes.size === 0 ? "no such policy" : `only the volumes ${[...volumes.keys()].join(", ")}`;
  throw new AppError(
    "TIERS_VOLUME_MISSING",
    "invalid",
    `ClickHouse has ${found} in its storage policy ${policyName}, expected the volume ${missing.to}; see docs/tiering.md`,
  );
}

async function usePolicy(clickhouse: ClickHouse, policyName: string, signal: AbortSignal): Promise<void> {
  const names = TABLES.map((table) => `'${table}'`).join(", ");
  const others = await clickhouse.queryRows(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND name IN (${names})
      AND storage_policy != {policyName:String}`,
    { parameters: { policyName }, signal },
  );
  for (const { name } of others) {
    await clickhouse.command(
      `ALTER TABLE ${quoteIdentifier(String(name))} MODIFY SETTING storage_policy = '${policyName.replaceAll(/\W/g, "")}'`,
      { signal },
    );
  }
}
