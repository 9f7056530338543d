import { FIVE_MINUTES, ONE_HOUR, type Resolution, startOf } from "@monotreme/blocks";
import type { BlockKey } from "@monotreme/storage";
import type { DueBlock, DueBuckets, DueDrop, Plan } from "./plan.ts";

/** What to do next. */
export type Task =
  | { readonly kind: "drop"; readonly key: BlockKey; readonly drop: DueDrop }
  | {
      readonly kind: "raw";
      readonly key: BlockKey;
      readonly due: DueBlock;
      /** Writes all series of the window again, whether or not there are rows. */
      readonly isRewriting?: boolean;
    }
  | { readonly kind: "buckets"; readonly key: BlockKey; readonly due: DueBuckets };

/**
 * Picks tasks so that a backlog does not hold up what is new: of windows that are due the oldest and the newest in turn.
 * Buckets come as soon as no window of their block is due any more, so that a day of backlog is downsampled once.
 */
export class TaskPicker {
  #isNewestNext = false;

  /** `isFree`: neither worked on nor held by somebody else right now. */
  pick(plan: Plan, nowMs: number, isFree: (key: BlockKey) => boolean): Task | undefined {
    const isDue = ({ retryAtMs }: DueBlock): boolean => retryAtMs <= nowMs;
    const isReady = (due: DueBlock): boolean => isDue(due) && isFree(due.key);
    const [drop] = plan.drops.filter(({ record }) => isFree(record));
    if (drop !== undefined) return { kind: "drop", key: drop.record, drop };
    const raw = plan.raw.filter(isReady);
    const isSettled = (resolution: Resolution, finer: readonly DueBlock[]) => {
      const busy = new Set(finer.map(({ key }) => startOf(key.startMs + 1, resolution.blockMs)));
      return (due: DueBlock): boolean => isReady(due) && !busy.has(due.key.startMs);
    };
    // Also those that are worked on right now.
    const finer = plan.raw.filter(isDue);
    const fiveMinutes = plan.fiveMinutes.filter(isSettled(FIVE_MINUTES, finer));
    const oneHour = plan.oneHour.filter(isSettled(ONE_HOUR, [...finer, ...plan.fiveMinutes.filter(isDue)]));
    const buckets = fiveMinutes.at(-1) ?? oneHour.at(-1);
    if (buckets !== undefined) return { kind: "buckets", key: buckets.key, due: buckets };
    const due = this.#isNewestNext ? raw.at(-1) : raw[0];
    if (due === undefined) return undefined;
    this.#isNewestNext = !this.#isNewestNext;
    return { kind: "raw", key: due.key, due };
  }
}
