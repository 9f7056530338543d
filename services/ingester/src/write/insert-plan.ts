/**
 * Which messages of a partition go into one insert, in this order. A batch that is put together again from the same
 * messages has the same token, so ClickHouse drops it where it has it already.
 */
export interface InsertPlan {
  readonly sequences: readonly number[];
}

/** The token of a plan's inserts, without the table. */
export function planToken(stream: string, partition: number, { sequences }: InsertPlan): string {
  return `${stream}/${partition}/${sequences[0] ?? 0}-${sequences.at(-1) ?? 0}/${sequences.length}`;
}

/** What is written down of a partition. */
export interface PlanRecord {
  /** Who wrote it, and so owns the partition; undefined before the first owner. */
  readonly owner: string | undefined;
  readonly plans: readonly InsertPlan[];
}

/** The record as JSON: of each plan the first sequence and the distances of the following ones. */
export function encodePlans({ owner, plans }: PlanRecord): Uint8Array {
  const records = plans.map(({ sequences }) => sequences.map((sequence, i) => sequence - (sequences[i - 1] ?? 0)));
  return Buffer.from(JSON.stringify({ version: 1, owner, plans: records }));
}

/** Reads what {@link encodePlans} wrote; what is not readable counts as no plan. */
export function decodePlans(bytes: Uint8Array): PlanRecord {
  let record: unknown;
  try {
    record = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return NOTHING_WRITTEN;
  }
  if (typeof record !== "object" || record === null || !("plans" in record) || !Array.isArray(record.plans)) {
    return NOTHING_WRITTEN;
  }
  const plans = record.plans.filter(isNumberList).map((distances) => {
    let last = 0;
    return { sequences: distances.map((distance) => (last += distance)) };
  });
  const owner = "owner" in record && typeof record.owner === "string" ? record.owner : undefined;
  return { owner, plans };
}

const NOTHING_WRITTEN: PlanRecord = { owner: undefined, plans: [] };

function isNumberList(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => Number.isSafeInteger(item));
}
