import { FIVE_MINUTES, WINDOW_MS } from "@monotreme/blocks";
import { DEFAULT_RETENTION, RetentionPolicy, type RetentionTimes } from "@monotreme/retention";
import { expect, test } from "vitest";
import type { Kind, Partition } from "./partitions.ts";
import { planRetention, planSizeBound, type WindowStates } from "./plan-retention.ts";

const DAY_MS = 86_400_000;
const NOW_MS = 1000 * DAY_MS;

function partition(kind: Kind, fromDay: number, untilDay: number, more: Partial<Partition> = {}): Partition {
  const id = `${kind}/${fromDay}/${more.className ?? "default"}`;
  const sizes = { rows: 1, bytes: 10, disks: ["default"] };
  return {
    table: "",
    id,
    kind,
    className: "default",
    fromMs: fromDay * DAY_MS,
    untilMs: untilDay * DAY_MS,
    ...sizes,
    ...more,
  };
}

function policyOf(times: Partial<RetentionTimes>, debug: Partial<RetentionTimes> = {}): RetentionPolicy {
  const defaults = { ...DEFAULT_RETENTION, ...times };
  const debugClass = { name: "debug", tenants: undefined, matcherSets: undefined, times: { ...defaults, ...debug } };
  return new RetentionPolicy({ defaults, classes: [debugClass], maxSizeBytes: undefined });
}

const FRESH: WindowStates = { isFresh: () => true, isRawDropped: () => false };

function plan(partitions: readonly Partition[], policy: RetentionPolicy, windows = FRESH) {
  const { expired, waiting } = planRetention(partitions, { policy, nowMs: NOW_MS, exemplarsMs: 30 * DAY_MS }, windows);
  return { expired: expired.map(({ id }) => id), waiting: waiting.map(({ partition: { id } }) => id) };
}

test("retention - a partition goes when its last sample is beyond its time", () => {
  const f = (one: Partition, policy: RetentionPolicy, isExpired: boolean): void => {
    expect(plan([one], policy)).toEqual({ expired: isExpired ? [one.id] : [], waiting: [] });
  };
  const policy = policyOf({ rawMs: 90 * DAY_MS, fiveMinutesMs: 200 * DAY_MS, oneHourMs: 400 * DAY_MS });
  f(partition("raw", 909, 910), policy, true);
  f(partition("raw", 910, 911), policy, false);
  f(partition("5m", 793, 800), policy, true);
  f(partition("5m", 794, 801), policy, false);
  f(partition("1h", 572, 600), policy, true);
  f(partition("1h", 573, 601), policy, false);
  f(partition("exemplars", 969, 970), policy, true);
  f(partition("exemplars", 970, 971), policy, false);
  f(partition("starts", 909, 910), policy, true);
  f(partition("histograms", 910, 911), policy, false);
  // The index stays for as long as a partition of buckets may reach beyond their time.
  f(partition("index", 571, 572), policy, true);
  f(partition("index", 572, 573), policy, false);
  f(partition("1h", 0, 28), policyOf({}), false);
});

test("retention - each class has times of its own, and what has no class the longest of all", () => {
  const policy = policyOf({ rawMs: 30 * DAY_MS }, { rawMs: 7 * DAY_MS });
  const partitions = [
    partition("raw", 990, 991, { className: "debug" }),
    partition("raw", 990, 991),
    partition("raw", 990, 991, { className: "forgotten" }),
    partition("starts", 990, 991),
    partition("starts", 960, 961),
  ];
  expect(plan(partitions, policy).expired).toEqual(["raw/990/debug", "starts/960/default"]);
});

test("retention - raw samples and 5m wait for the next resolution, where it is kept", () => {
  const late = 900 * DAY_MS + 3 * WINDOW_MS;
  const windows: WindowStates = {
    isFresh: ({ resolutionMs }, windowMs) => resolutionMs !== FIVE_MINUTES.resolutionMs || windowMs !== late,
    isRawDropped: () => false,
  };
  const raw = [partition("raw", 899, 900), partition("raw", 900, 901), partition("raw", 901, 902)];
  expect(plan(raw, policyOf({}), windows)).toEqual({
    expired: ["raw/899/default", "raw/901/default"],
    waiting: ["raw/900/default"],
  });
  expect(plan(raw, policyOf({ fiveMinutesMs: 0, oneHourMs: 0 }), windows).waiting).toEqual([]);
  // Buckets of an hour are made of those of five minutes.
  expect(plan(raw, policyOf({ fiveMinutesMs: 0 }), windows).waiting).toEqual(["raw/900/default"]);
  const stale: WindowStates = { isFresh: () => false, isRawDropped: () => false };
  const fiveMinutes = [partition("5m", 0, 7)];
  expect(plan(fiveMinutes, policyOf({}), stale).waiting).toEqual(["5m/0/default"]);
  expect(plan(fiveMinutes, policyOf({ oneHourMs: 0 }), stale).expired).toEqual(["5m/0/default"]);
  // Nothing can be made of what is gone.
  expect(plan(raw, policyOf({}), { isFresh: () => false, isRawDropped: () => true }).waiting).toEqual([]);
});

test("retention - rows wait to be folded in, unless even buckets of their time are beyond it", () => {
  const rows = [partition("rows", 800, 800 + 1 / 12)];
  expect(plan(rows, policyOf({}))).toEqual({ expired: [], waiting: ["rows/800/default"] });
  const short = policyOf({ rawMs: DAY_MS, fiveMinutesMs: 2 * DAY_MS, oneHourMs: 3 * DAY_MS });
  expect(plan(rows, short)).toEqual({ expired: ["rows/800/default"], waiting: [] });
});

test("retention - a bound in bytes takes the oldest first, raw before 5m before 1h, and spares two days", () => {
  const partitions = [
    partition("1h", 0, 28),
    partition("5m", 0, 7),
    partition("5m", 7, 14),
    partition("raw", 600, 601),
    partition("raw", 500, 501),
    partition("exemplars", 400, 401),
    partition("raw", 998, 999),
    partition("index", 1, 2),
  ];
  const f = (maxBytes: number, expected: readonly string[]): void => {
    const chosen = planSizeBound(partitions, { totalBytes: 100, maxBytes, nowMs: NOW_MS });
    expect(chosen.map(({ id }) => id)).toEqual(expected);
  };
  f(100, []);
  f(99, ["exemplars/400/default"]);
  f(75, ["exemplars/400/default", "raw/500/default", "raw/600/default"]);
  const all = ["exemplars/400", "raw/500", "raw/600", "5m/0", "5m/7", "1h/0"].map((id) => `${id}/default`);
  f(45, all.slice(0, 6));
  f(0, all);
});
