import type { MemorySample } from "@monotreme/promql/testing";
import fc from "fast-check";

const DAY_MS = 86_400_000;
const TICK_MS = 15_000;

/** In how many requests the samples of a case travel. */
export const DELIVERIES = 4;

/** Where something is stored otherwise just before than just after: days, words of timestamps, the ends of a Date. */
const BASES = [Date.UTC(2026, 0, 11), 0, 2 ** 41, Date.UTC(2149, 5, 7)];

export interface RandomSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** What each request carries, in no order of time; a timestamp occurs at most once in a request. */
  readonly deliveries: readonly (readonly MemorySample[])[];
}

/** Series around one instant, which expressions call T. */
export interface RandomCase {
  readonly baseMs: number;
  readonly series: readonly RandomSeries[];
}

/** Relative to the case's instant. */
export interface RandomRange {
  readonly fromMs: number;
  readonly untilMs: number;
  /** 0 for one instant. */
  readonly stepMs: number;
}

/** A text in which `§` stands for the value of the label `case` and `@ T60` for a minute after the case's instant. */
export interface RandomQuery extends RandomRange {
  readonly text: string;
}

type SeriesKind = "gauge" | "counter" | "histogram" | "mixed";

const labels = fc.record(
  {
    __name__: fc.constantFrom("requests_total", "temperature", "latency"),
    job: fc.constantFrom("a", "b"),
    instance: fc.constantFrom("x", "X", "a\nb", "ü", "😀", "x|y"),
  },
  { requiredKeys: ["__name__"] },
);

/** What a sample's value is made of, by the kind of its series. */
interface Entry {
  readonly number: number | "stale" | undefined;
  readonly gauge: number;
  /** Beyond the counter's total. */
  readonly more: number;
}

const usual: fc.Arbitrary<Entry> = fc.record({
  number: fc.constant(undefined),
  gauge: fc.oneof(
    fc.integer({ min: -40, max: 40 }).map((eighths) => eighths / 8),
    fc.double({ noNaN: true }),
  ),
  more: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) }),
});
const special: fc.Arbitrary<Entry> = fc
  .constantFrom("stale" as const, Number.NaN, -0, 0, Infinity, -Infinity, 5e-324, Number.MAX_VALUE)
  .map((number) => ({ number, gauge: 0, more: 0 }));
const entries = fc.oneof(
  { weight: 8, arbitrary: fc.array(usual, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.tuple(special, usual) },
  // The hard decisions are those between two of these.
  { weight: 2, arbitrary: fc.tuple(special, special) },
);

const slot = fc.record({
  tick: fc.integer({ min: -40, max: 40 }),
  day: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-1, 1, 2) }),
  jitterMs: fc.constantFrom(0, 0, 0, 1, -1, 7000),
  growth: fc.oneof({ weight: 8, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.constant(-Infinity) }),
  delivery: fc.nat(DELIVERIES - 1),
  entries,
});
type Slot = typeof slot extends fc.Arbitrary<infer T> ? T : never;

function atMs({ tick, day, jitterMs }: Slot): number {
  return tick * TICK_MS + day * DAY_MS + jitterMs;
}

/** What a counter stands at in each slot; it falls to zero now and then. */
function totalsOf(slots: readonly Slot[]): ReadonlyMap<Slot, number> {
  let total = 0;
  return new Map(
    slots
      .toSorted((a, b) => atMs(a) - atMs(b))
      .map((each) => [each, (total = Math.max(0, total + each.growth))] as const),
  );
}

function histogramOf(count: number, schema: number): MemorySample["value"] {
  const isCustom = schema === -53;
  return {
    schema,
    counterResetHint: "unknown",
    zeroThreshold: isCustom ? 0 : 0.001,
    zeroCount: isCustom ? 0 : count,
    count: count * (isCustom ? 3 : 6),
    sum: count / 4,
    positiveOffset: isCustom ? 0 : -1,
    positiveBuckets: [count, 0, count * 2],
    negativeOffset: 0,
    negativeBuckets: isCustom ? [] : [count * 2],
    customBounds: isCustom ? [0.5, 2] : [],
  };
}

function valueOf(kind: SeriesKind, schema: number, total: number, given: Entry): MemorySample["value"] {
  if (given.number !== undefined) return given.number;
  if (kind === "gauge") return given.gauge;
  const count = total + given.more;
  return kind === "counter" || (kind === "mixed" && given.more % 2 === 1) ? count : histogramOf(count, schema);
}

const series = fc
  .record({
    labels,
    kind: fc.constantFrom<SeriesKind>("gauge", "gauge", "counter", "counter", "histogram", "mixed"),
    schema: fc.constantFrom(0, 3, -53),
    /** Of half of the series, how long before each sample its counting began. */
    countedForMs: fc.constantFrom(undefined, undefined, undefined, 1, 20_000, 90_000),
    slots: fc.uniqueArray(slot, { minLength: 5, maxLength: 45, selector: atMs, size: "max" }),
  })
  .map(({ labels: ofSeries, kind, schema, countedForMs, slots }) => {
    const deliveries: MemorySample[][] = Array.from({ length: DELIVERIES }, () => []);
    const totals = totalsOf(slots);
    for (const each of slots) {
      for (const [i, given] of each.entries.entries()) {
        const value = valueOf(kind, schema, totals.get(each) ?? 0, given);
        deliveries[(each.delivery + i) % DELIVERIES]?.push({
          timestampMs: atMs(each),
          value,
          startTimestampMs: countedForMs === undefined ? undefined : atMs(each) - countedForMs,
        });
      }
    }
    return { labels: { ...ofSeries }, deliveries };
  });

/** Counters with resets, gauges, histograms and mixtures, with gaps, repeats, staleness markers and start times. */
export const randomCase: fc.Arbitrary<RandomCase> = fc
  .record({
    baseMs: fc.constantFrom(...BASES),
    series: fc.uniqueArray(series, { minLength: 3, maxLength: 7, selector: (one) => JSON.stringify(one.labels) }),
  })
  .map(({ baseMs, series: ofCase }) => ({
    baseMs,
    series: ofCase.map((one) => ({
      labels: one.labels,
      deliveries: one.deliveries.map((delivery) =>
        delivery.map(({ timestampMs, value, startTimestampMs }) => ({
          timestampMs: baseMs + timestampMs,
          value,
          startTimestampMs: startTimestampMs === undefined ? undefined : baseMs + startTimestampMs,
        })),
      ),
    })),
  }));

function words(...lists: readonly string[]): fc.Arbitrary<string> {
  return fc.constantFrom(...lists.flatMap((list) => list.trim().split(/\s+/)));
}

function join(...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.tuple(...parts).map((texts) => texts.filter((text) => text !== "").join(" "));
}

const MATCHERS = String.raw`
  job="a" job!="a" job=~"a|b" job!~"a" job="" job!="" job=~".+" job=~".*" job!~".+"
  instance=~"a.b" instance=~"(?i)X" instance!~"x|" instance=~"|x" instance=~"[^x]*" instance="ü" instance!="ü"
  instance=~"." instance!~"." instance=~"\\w+" instance=~"\\pL" instance="x|y" instance!~"x\\|y"
  absent="" absent!="x" absent=~".*" absent=~".+" absent!~"x" case!="other" case=~"§|c0"`;
const NAME_MATCHERS = `__name__!~"temp.*" __name__=~"requests_total|latency" __name__!="latency" __name__=~".*"`;
const matchers = fc.oneof(fc.constant([]), fc.array(words(MATCHERS), { minLength: 1, maxLength: 2 }));
/** A selector up to its range. */
const selected = fc.oneof(
  fc
    .tuple(fc.constantFrom("requests_total", "temperature", "latency"), matchers)
    .map(([name, list]) => `${name}{${['case="§"', ...list].join()}}`),
  fc
    .tuple(fc.array(words(NAME_MATCHERS), { maxLength: 2 }), matchers)
    .map((lists) => `{${['case=~"§"', ...lists.flat()].join()}}`),
);
const modifier = fc.oneof(
  { weight: 2, arbitrary: fc.constant("") },
  fc.constantFrom("offset 1m", "offset -45s", "offset 1d", "@ T120", "@ start()", "@ end() offset 30s", "@ T-86400"),
);
const range = words("[1m] [15s] [5m] [1ms] [30s] [1d] [3d] [7m] [12m]");
const selector = join(selected, modifier);
const rangeSelector = join(
  fc.tuple(selected, range).map((texts) => texts.join("")),
  modifier,
);

const overRange = fc.oneof(
  fc
    .tuple(
      words(
        "rate increase irate delta idelta deriv changes resets absent_over_time present_over_time avg_over_time",
        "count_over_time first_over_time last_over_time max_over_time min_over_time stddev_over_time sum_over_time",
        "stdvar_over_time mad_over_time ts_of_max_over_time ts_of_first_over_time ts_of_last_over_time rate increase",
      ),
      rangeSelector,
    )
    .map(([name, over]) => `${name}(${over})`),
  rangeSelector.map((over) => `quantile_over_time(0.3, ${over})`),
  rangeSelector.map((over) => `predict_linear(${over}, 90)`),
  rangeSelector.map((over) => `double_exponential_smoothing(${over}, 0.5, 0.1)`),
  rangeSelector.map((over) => `histogram_quantile(0.9, rate(${over}))`),
);
const vector = fc.oneof(
  selector,
  overRange,
  fc
    .tuple(words("abs absent timestamp start_timestamp histogram_count sgn -"), selector)
    .map(([name, of]) => `${name}(${of})`),
);
const grouping = fc.constantFrom("", "by (job)", "by (instance, absent)", "by (__name__)", "without (instance)");
const aggregation = fc
  .tuple(
    words("sum avg min max count group stddev stdvar topk(2, bottomk(1, quantile(0.4, limitk(2, limit_ratio(0.5,"),
    grouping,
    vector,
  )
  .map(([name, by, of]) => {
    const [plain = "", parameter] = name.split("(");
    return `${plain} ${by} (${parameter ?? ""}${of})`;
  });
const matching = fc.constantFrom("", "on (job)", "on (job, instance)", "ignoring (instance)", "on (__name__)");
const operand = fc.oneof(vector, aggregation);
/** Often of the same series, so that something matches. */
const operands = fc.oneof(
  fc.tuple(operand, operand),
  fc.tuple(selected, modifier).map(([of, at]): [string, string] => [of, `${of} ${at}`]),
  fc.tuple(selected, modifier).map(([of, at]): [string, string] => [`rate(${of}[5m] ${at})`, `max by (job) (${of})`]),
);
const binary = fc.oneof(
  fc
    .tuple(operands, words("+ - * / % ^ == != > <= and or unless"), matching)
    .map(([[left, right], operator, on]) => `${left} ${operator} ${on} ${right}`),
  fc
    .tuple(operands, words("+ / < >="), fc.constantFrom("on (job) group_left", "on (job) group_right (instance)"))
    .map(([[left, right], operator, on]) => `${left} ${operator} ${on} ${right}`),
  join(operand, fc.constantFrom("*", "> bool", "==", "-"), fc.constantFrom("2", "NaN", "-Inf", "time()")),
);
const subquery = fc
  .tuple(
    words("max_over_time count_over_time sum_over_time rate last_over_time changes quantile_over_time(0.5,"),
    fc.oneof(vector, aggregation),
    words("[10m:30s] [1d:1h] [5m:] [2m:7s] [3d:6h]"),
    modifier,
  )
  .map(([name, of, window, at]) => `${name.includes("(") ? name : `${name}(`}(${of})${window} ${at})`);

const instant = fc
  .constantFrom(0, 1, -1, 30_000, 150_000, 599_999, -300_000, 900_000, DAY_MS, -DAY_MS + 60_000)
  .map((at) => ({ fromMs: at, untilMs: at, stepMs: 0 }));
const steps = fc.constantFrom(
  { fromMs: -600_000, untilMs: 900_000, stepMs: 15_000 },
  { fromMs: -599_999, untilMs: 600_000, stepMs: 37_000 },
  { fromMs: -60_000, untilMs: 60_000, stepMs: 1001 },
  { fromMs: -1.1 * DAY_MS, untilMs: 2.1 * DAY_MS, stepMs: 3_600_000 },
);

function queriesOf(text: fc.Arbitrary<string>, times: fc.Arbitrary<RandomRange>): fc.Arbitrary<RandomQuery> {
  return fc.tuple(text, times).map(([one, range]) => ({ text: one, ...range }));
}

const anyTime = fc.oneof(instant, steps);

/** Expressions by what they exercise. */
export const RANDOM_QUERIES: readonly (readonly [kind: string, queries: fc.Arbitrary<RandomQuery>])[] = [
  ["selectors", queriesOf(selector, anyTime)],
  ["range selectors", queriesOf(rangeSelector, instant)],
  ["functions over ranges", queriesOf(overRange, anyTime)],
  ["aggregations", queriesOf(aggregation, anyTime)],
  ["binary operators", queriesOf(binary, anyTime)],
  ["subqueries", queriesOf(subquery, anyTime)],
];
