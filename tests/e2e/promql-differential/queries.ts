/** One expression of the comparison. */
export interface DifferentialQuery {
  readonly text: string;
  /** As Prometheus 2.42 calls the same, where names have changed since. */
  readonly oldText: string;
}

const SELECTORS = [
  "requests_total",
  'requests_total{job="api",code=~"2.."}',
  "queue_length",
  'queue_length{instance!="b"}',
  "temperature",
  "temperature offset 3m",
  "queue_length offset -2m",
  '{__name__=~"queue_.+|temp.+"}',
];

const RANGES = [
  "requests_total[5m]",
  "requests_total[50s]",
  'requests_total{job="web"}[20m]',
  "temperature[4m]",
  "temperature[17m] offset 2m",
  "queue_length[10m]",
  "queue_length[10m:1m]",
  "temperature[7m:45s]",
  'rate(requests_total{code="500"}[5m])[12m:30s]',
];

const RANGE_FUNCTIONS = [
  "rate",
  "increase",
  "delta",
  "irate",
  "idelta",
  "deriv",
  "resets",
  "changes",
  "sum_over_time",
  "avg_over_time",
  "min_over_time",
  "max_over_time",
  "count_over_time",
  "stddev_over_time",
  "stdvar_over_time",
  "last_over_time",
  "present_over_time",
  "absent_over_time",
];

const NUMBER_FUNCTIONS = ["abs", "ceil", "floor", "exp", "ln", "log2", "log10", "sqrt", "sgn", "round"];
const TRIGONOMETRY = ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"];
const DATE_FUNCTIONS = [
  "minute",
  "hour",
  "day_of_week",
  "day_of_month",
  "day_of_year",
  "days_in_month",
  "month",
  "year",
];
const OTHER_FUNCTIONS = ["timestamp", "absent", "sort", "deg", "rad", "-", "+"];

const AGGREGATIONS = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"];
const GROUPINGS = ["", "by (job)", "without (instance)", "by (job, code)", "by (missing)", "without (room, job)"];
const AGGREGATED = ["requests_total", "queue_length", "rate(requests_total[5m])", "temperature"];

const ARITHMETIC = ["+", "-", "*", "/", "%", "^", "atan2"];
const COMPARISONS = ["==", "!=", ">", "<", ">=", "<=", "> bool", "== bool"];

function product(left: readonly string[], right: readonly string[], join: (a: string, b: string) => string): string[] {
  return left.flatMap((a) => right.map((b) => join(a, b)));
}

function call(name: string, argument: string): string {
  return `${name}(${argument})`;
}

/** φ and other parameters beside a range. */
function parameterised(): string[] {
  return RANGES.flatMap((range) => [
    `quantile_over_time(0.3, ${range})`,
    `quantile_over_time(2, ${range})`,
    `predict_linear(${range}, 600)`,
    `double_exponential_smoothing(${range}, 0.4, 0.7)`,
  ]);
}

function binary(): string[] {
  const sides = ["queue_length", "2.5", "scalar(queue_length{job='api',instance='a'})"];
  const operators = [...ARITHMETIC, ...COMPARISONS];
  return [
    ...operators.flatMap((operator) => sides.map((side) => `queue_length ${operator} ${side}`)),
    ...operators.flatMap((operator) => [`3 ${operator} temperature`, `temperature ${operator} on (room) temperature`]),
    ...operators
      .filter((one) => !one.endsWith("bool"))
      .map((one) => `vector(3) ${one} ignoring (a) vector(time() % 7)`),
  ];
}

const MATCHING = [
  "queue_length + ignoring (code) group_right requests_total",
  "requests_total / on (job, instance) group_left queue_length",
  "rate(requests_total[5m]) * on (job, instance) group_left (version) build_info",
  "sum by (job) (requests_total) / on (job) count by (job) (queue_length)",
  'requests_total{code="200"} - ignoring (code) requests_total{code="500"}',
  "requests_total + requests_total{job='api'}",
  "requests_total + on (job) queue_length",
  "queue_length and on (job) requests_total{job='web'}",
  "queue_length unless on (instance) build_info{instance='b'}",
  "temperature or queue_length",
  "temperature and temperature > 1",
  "temperature unless temperature < 0",
  "queue_length > 0 or queue_length < -5",
  "queue_length or on (job) build_info",
  "queue_length + on () group_left vector(1)",
];

const HISTOGRAMS = ["0.5", "0.95", "0", "1", "-1", "2", "NaN"].flatMap((phi) => [
  `histogram_quantile(${phi}, latency_seconds_bucket)`,
  `histogram_quantile(${phi}, rate(latency_seconds_bucket[5m]))`,
  `histogram_quantile(${phi}, sum by (le) (rate(latency_seconds_bucket[90s])))`,
]);

const SELECTIONS = ["requests_total", "queue_length", "temperature", "rate(requests_total[5m])"].flatMap((inner) => [
  `topk(2, ${inner})`,
  `bottomk by (job) (1, ${inner})`,
  `quantile(0.9, ${inner})`,
  `quantile by (job) (0.25, ${inner})`,
  `count_values("value", round(${inner}, 100))`,
]);

const NESTED = [
  "max_over_time(sum by (job) (rate(requests_total[5m]))[20m:2m])",
  "avg_over_time((temperature > 0)[10m:30s])",
  "sum(sum_over_time(queue_length[5m])) by (job) / 20",
  "label_replace(queue_length, 'node', '$1-x', 'instance', '(.*)')",
  "label_replace(temperature, 'room', '', 'room', 'c.*')",
  "label_join(requests_total, 'all', '/', 'job', 'instance', 'code')",
  "clamp(temperature, -1, 2)",
  "clamp_min(temperature, 0.5)",
  "clamp_max(queue_length, 3)",
  "clamp(queue_length, 5, 1)",
  "round(queue_length, 0.3)",
  "sum(queue_length) > bool 0",
  "vector(scalar(temperature{room='cellar'}))",
  "scalar(temperature)",
  "time() - timestamp(queue_length)",
  "time()",
  "pi()",
  "absent(nothing{a='b',c=~'d'})",
  "absent(sum(nothing))",
  "absent_over_time(nothing{a='b'}[5m])",
  "count(count by (job) ({__name__=~'.+'}))",
  "requests_total offset 10m - requests_total offset 15m",
  "sum_over_time(rate(requests_total[2m])[5m:30s] offset 4m)",
  "-(queue_length ^ 2) + 3 * queue_length",
  "2 ^ 3 ^ 0.5 - -1",
  "(temperature == temperature) * 2",
  "sum without (instance, code) (rate(requests_total[5m])) > 1",
];

/** The expressions of the comparison; `at` is an instant for `@`, in seconds. */
export function differentialQueries(at: number): readonly DifferentialQuery[] {
  const texts = [
    ...SELECTORS,
    ...product(RANGE_FUNCTIONS, RANGES, call),
    ...product([...NUMBER_FUNCTIONS, ...OTHER_FUNCTIONS], SELECTORS, call),
    ...product(TRIGONOMETRY, ["queue_length / 20"], call),
    ...product(DATE_FUNCTIONS, ["requests_total * 12345.6", ""], call),
    ...parameterised(),
    ...AGGREGATIONS.flatMap((name) => product(GROUPINGS, AGGREGATED, (by, inner) => `${name} ${by} (${inner})`)),
    ...binary(),
    ...MATCHING,
    ...HISTOGRAMS,
    ...SELECTIONS,
    ...NESTED,
    `queue_length @ ${at}`,
    `rate(requests_total[5m] @ ${at}) - rate(requests_total[5m])`,
    "sum(queue_length @ end()) - sum(queue_length @ start() offset 1m)",
    `max_over_time(queue_length[5m:30s] @ ${at})`,
  ];
  return texts.map((text) => ({ text, oldText: text.replace("double_exponential_smoothing", "holt_winters") }));
}
