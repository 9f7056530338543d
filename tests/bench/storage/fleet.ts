import { Labels, METRIC_NAME } from "@monotreme/model";
import type { Recording } from "./recording.ts";

/** How a recording becomes the samples of many targets. */
export interface FleetShape {
  readonly targets: number;
  readonly intervalSeconds: number;
  /** Each scrape lies up to so many ms before or after its time. */
  readonly jitterMs: number;
  readonly endMs: number;
  /** The recording's when not given; longer ones repeat it. */
  readonly seconds?: number;
}

/** The scrapes of one target: all of its series share their timestamps. */
export interface FleetTarget {
  readonly timestamps: Float64Array;
  readonly series: readonly { readonly labels: Labels; readonly values: Float64Array }[];
}

/**
 * Every target is the recorded one, begun at another second of it. Where the recording begins anew counters fall, as
 * they do when a machine restarts.
 */
export function* fleetTargets(recording: Recording, shape: FleetShape): Generator<FleetTarget> {
  const { targets, intervalSeconds, jitterMs, endMs } = shape;
  const seconds = shape.seconds ?? recording.seconds;
  const count = Math.floor(seconds / intervalSeconds);
  const random = pseudoRandom(7);
  for (let target = 0; target < targets; target++) {
    // After the window's start, which belongs to the window before, and never past its end.
    const phaseMs = jitterMs + 1 + ((target * 7919) % (intervalSeconds * 1000 - 2 * jitterMs - 1));
    const startMs = endMs - seconds * 1000 + phaseMs;
    const timestamps = Float64Array.from(
      { length: count },
      (_, i) => startMs + i * intervalSeconds * 1000 + Math.round((random() * 2 - 1) * jitterMs),
    );
    // Not a whole number of intervals, so that targets share as few values as can be.
    const shift = Math.floor((target * recording.seconds) / targets) + target * 7;
    const series = recording.names.map((name, i) => ({
      labels: Labels.fromObject({ [METRIC_NAME]: name, i: String(i), instance: `host-${target}:9100`, job: "node" }),
      values: Float64Array.from(
        { length: count },
        (_, at) => recording.values[i]![(at * intervalSeconds + shift) % recording.seconds]!,
      ),
    }));
    yield { timestamps, series };
  }
}

/** The same numbers in every run (a linear congruence of Park and Miller). */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
