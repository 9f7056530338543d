import { Labels, wordsOf, writeStaleAt } from "@monotreme/model";
import type { WriteSeries } from "@monotreme/remote-write";

/** A sample as both engines get it; `"stale"` ends the series. */
export type SampleValue = number | "stale";

/** One series with its samples in time order. */
export interface DifferentialSeries {
  readonly labels: Labels;
  readonly samples: readonly { readonly timestampMs: number; readonly value: SampleValue }[];
}

const INTERVAL_MS = 15_000;
const SAMPLES = 260;
/** No whole second, so that no sample lies on the border of a window: Prometheus 2 counts the left one in. */
const OFFSET_MS = 217;

/** Reproducible numbers in [0, 1). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Gives the value of a series' sample `i`; undefined: none was taken. */
type Shape = (i: number, random: () => number) => SampleValue | undefined;

/** Rises from a large value on, starts anew twice but not near zero, misses some scrapes. */
function counter(speed: number): Shape {
  let value = 1000 * speed;
  return (i, random) => {
    value = i === 90 || i === 170 ? 300 * speed : value + Math.floor(random() * speed * 10);
    return random() < 0.05 ? undefined : value;
  };
}

function gauge(level: number): Shape {
  return (i, random) => level + Math.sin(i / 9) * 20 + random() * 5;
}

/** NaN, both infinities, gaps and stale markers among negative and positive values. */
const troubled: Shape = (i, random) => {
  if (i % 60 === 20) return Number.NaN;
  if (i % 97 === 50) return Infinity;
  if (i % 101 === 70) return -Infinity;
  if (i % 80 === 40) return "stale";
  if (i % 80 > 40 && i % 80 < 55) return undefined;
  return random() * 10 - 5;
};

/** Begins late and is ended by a stale marker. */
const shortLived: Shape = (i) => {
  if (i < 100 || i > 160) return undefined;
  return i === 160 ? "stale" : i;
};

const BOUNDS = [0.05, 0.1, 0.5, 1, 2.5, Infinity];

/** The cumulative buckets of a histogram that starts anew twice. */
function buckets(speed: number): readonly Shape[] {
  const counts = BOUNDS.map(() => 0);
  return BOUNDS.map((_, bucket) => (i, random) => {
    const added = Math.floor(random() * speed);
    counts[bucket] = i === 100 || i === 200 ? 0 : Math.max((counts[bucket] ?? 0) + added, counts[bucket - 1] ?? 0);
    return counts[bucket];
  });
}

function shapes(): readonly (readonly [Readonly<Record<string, string>>, Shape])[] {
  const all: [Readonly<Record<string, string>>, Shape][] = [];
  for (const [j, job] of ["api", "web"].entries()) {
    for (const [n, instance] of ["a", "b", "c"].entries()) {
      for (const [c, code] of ["200", "500"].entries()) {
        all.push([{ __name__: "requests_total", job, instance, code }, counter(1 + j + n * 3 + c * 7)]);
      }
      all.push([{ __name__: "queue_length", job, instance }, gauge(10 * j - 7 * n)]);
      all.push([{ __name__: "build_info", job, instance, version: `1.${n}` }, () => 1]);
    }
    for (const [b, shape] of buckets(5 + j).entries()) {
      const bound = BOUNDS[b] ?? Infinity;
      const le = bound === Infinity ? "+Inf" : String(bound);
      all.push([{ __name__: "latency_seconds_bucket", job, le }, shape]);
    }
  }
  all.push([{ __name__: "temperature", room: "cellar" }, troubled]);
  all.push([{ __name__: "temperature", room: "attic" }, gauge(0.001)]);
  all.push([{ __name__: "temperature", room: "shed" }, shortLived]);
  return all;
}

/** The series of the comparison, over a bit more than an hour before `endMs`. */
export function differentialSeries(endMs: number): readonly DifferentialSeries[] {
  const startMs = Math.floor((endMs - SAMPLES * INTERVAL_MS) / 60_000) * 60_000;
  return shapes().map(([labels, shape], seed) => {
    const random = createRandom(seed + 1);
    const samples = Array.from({ length: SAMPLES }, (_, i) => {
      const jitterMs = Math.floor(random() * 4) * 1000;
      return { timestampMs: startMs + i * INTERVAL_MS + jitterMs + OFFSET_MS, value: shape(i, random) };
    });
    const taken = samples.flatMap(({ timestampMs, value }) => (value === undefined ? [] : [{ timestampMs, value }]));
    return { labels: Labels.fromObject(labels), samples: taken };
  });
}

/** The same series for the remote write protocol, where a stale marker is a NaN with bits of its own. */
export function writeSeriesFrom({ labels, samples }: DifferentialSeries): WriteSeries {
  const values = Float64Array.from(samples, ({ value }) => (value === "stale" ? 0 : value));
  const words = wordsOf(values);
  for (const [i, { value }] of samples.entries()) if (value === "stale") writeStaleAt(words, i);
  return { labels, timestampsMs: samples.map(({ timestampMs }) => timestampMs), values };
}
