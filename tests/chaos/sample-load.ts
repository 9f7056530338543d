import { Labels } from "@monotreme/model";
import { compressSnappy, encodeWriteRequest } from "@monotreme/remote-write";

const STEP_MS = 15_000;
const SERIES_A_REQUEST = 500;
const STEPS_A_REQUEST = 4;
const SHARDS = 2;

/** What a sender of the load has to say, and what must be found afterwards. */
export interface SampleLoad {
  /** Compressed bodies of 2000 samples; each shard has its own series, in the order of time. */
  readonly shards: readonly Iterable<Uint8Array>[];
  readonly requests: number;
  readonly samples: number;
  /** The sum of all values: a sample with a wrong value in the right place shows here. */
  readonly valueSum: number;
  /** When to ask, epoch seconds, and how far back everything is. */
  readonly endSeconds: number;
  readonly rangeSeconds: number;
}

/** `series` × `steps` samples, 15 s apart, that end now; both numbers must be multiples of 1000 and of 4. */
export function createSampleLoad(series: number, steps: number): SampleLoad {
  const endSeconds = Math.floor(Date.now() / 1000);
  const startMs = endSeconds * 1000 - steps * STEP_MS;
  const shardSeries = series / SHARDS;
  return {
    shards: Array.from({ length: SHARDS }, (_, shard) => ({
      [Symbol.iterator]: () => bodiesOf(shard * shardSeries, shardSeries, steps, startMs),
    })),
    requests: (series * steps) / (SERIES_A_REQUEST * STEPS_A_REQUEST),
    samples: series * steps,
    valueSum: (series * steps * (steps - 1)) / 2,
    endSeconds,
    rangeSeconds: (steps * STEP_MS) / 1000 + 60,
  };
}

/** What must be found of a load when only the first bodies of each shard were sent. */
export function partOfLoad(load: SampleLoad, series: number, bodies: readonly number[]): SampleLoad {
  const bodiesAStep = series / SHARDS / SERIES_A_REQUEST;
  const sums = bodies.map((count) => {
    const firstSteps = Array.from({ length: count }, (_, i) => Math.floor(i / bodiesAStep) * STEPS_A_REQUEST);
    return firstSteps.reduce((sum, step) => sum + SERIES_A_REQUEST * valueSumFrom(step), 0);
  });
  const requests = bodies.reduce((sum, count) => sum + count, 0);
  const samples = requests * SERIES_A_REQUEST * STEPS_A_REQUEST;
  return { ...load, requests, samples, valueSum: sums.reduce((sum, one) => sum + one, 0) };
}

function valueSumFrom(step: number): number {
  return STEPS_A_REQUEST * step + (STEPS_A_REQUEST * (STEPS_A_REQUEST - 1)) / 2;
}

/** The value of a sample is the number of its step. */
function* bodiesOf(firstSeries: number, series: number, steps: number, startMs: number): Iterator<Uint8Array> {
  const labels = Array.from({ length: series }, (_, i) => labelsOf(firstSeries + i));
  for (let step = 0; step < steps; step += STEPS_A_REQUEST) {
    const stepsHere = Array.from({ length: STEPS_A_REQUEST }, (_, i) => step + i);
    const timestampsMs = stepsHere.map((one) => startMs + one * STEP_MS);
    const values = Float64Array.from(stepsHere);
    for (let first = 0; first < series; first += SERIES_A_REQUEST) {
      const some = labels.slice(first, first + SERIES_A_REQUEST);
      yield compressSnappy(encodeWriteRequest(some.map((one) => ({ labels: one, timestampsMs, values }))));
    }
  }
}

function labelsOf(id: number): Labels {
  return Labels.fromObject({
    __name__: `chaos_${id % 10}_total`,
    job: "chaos",
    instance: `host-${id % 100}:9100`,
    handler: `/api/${id}`,
    code: String(200 + (id % 5)),
  });
}
