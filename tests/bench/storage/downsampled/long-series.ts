import { Labels, METRIC_NAME } from "@monotreme/model";

export const COUNTER = "bench_requests_total";
export const GAUGE = "bench_temperature";

/** How much there is: half of the series are counters, half gauges. */
export interface LongLoad {
  readonly series: number;
  readonly days: number;
  readonly intervalSeconds: number;
  /** Midnight (UTC): the end of the last day. */
  readonly endMs: number;
}

/** A series that is made as it goes: a day at a time, in order. */
export interface LongSeries {
  readonly labels: Labels;
  /** Which series are scraped together, at the same times. */
  readonly target: number;
  readonly nextValue: () => number;
}

const SERIES_PER_TARGET = 100;
const JOBS = 10;

/** Counters that grow by whole numbers and restart now and then; gauges with two decimals that wander. */
export function longSeries({ series, days, intervalSeconds }: LongLoad): readonly LongSeries[] {
  const samples = (days * 86_400) / intervalSeconds;
  return Array.from({ length: series }, (_, i) => {
    const target = Math.floor(i / SERIES_PER_TARGET);
    const labels = (name: string): Labels =>
      Labels.fromObject({
        [METRIC_NAME]: name,
        job: `job-${target % JOBS}`,
        instance: `host-${target}:9100`,
        n: String(i % SERIES_PER_TARGET),
      });
    const random = pseudoRandom(i + 1);
    return i % 2 === 0
      ? { labels: labels(COUNTER), target, nextValue: counter(random, samples) }
      : { labels: labels(GAUGE), target, nextValue: gauge(random) };
  });
}

/** When the series of a target are scraped in a day; the same every day but for the phase of each target. */
export function timesOfDay(target: number, startMs: number, intervalSeconds: number): Float64Array {
  const intervalMs = intervalSeconds * 1000;
  const phaseMs = 1000 + ((target * 7919) % (intervalMs - 1000));
  return Float64Array.from({ length: 86_400_000 / intervalMs }, (_, i) => startMs + phaseMs + i * intervalMs);
}

function counter(random: () => number, samples: number): () => number {
  // About three restarts in all.
  const restart = 3 / samples;
  const speed = 1 + Math.floor(random() * 100);
  let value = 0;
  return () => {
    value = random() < restart ? 0 : value + Math.floor(random() * speed);
    return value;
  };
}

function gauge(random: () => number): () => number {
  let hundredths = 2000 + Math.floor(random() * 4000);
  return () => {
    hundredths += Math.floor(random() * 41) - 20;
    return hundredths / 100;
  };
}

/** The same numbers in every run, from 0 to below 1 (an xorshift of Marsaglia). */
function pseudoRandom(seed: number): () => number {
  let state = (seed * 2_654_435_761) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}
