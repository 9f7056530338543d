import { FIVE_MINUTES, WINDOW_MS } from "@monotreme/blocks";
import { bucketize, type SampleBuckets } from "@monotreme/promql";
import { expect, test } from "vitest";
import { renewBuckets } from "./renew-buckets.ts";

const R = FIVE_MINUTES.resolutionMs;
const SECOND = 1000;

type Sample = readonly [timestampMs: number, value: number];

function bucketsOf(samples: readonly Sample[]): SampleBuckets {
  const timestamps = Float64Array.from(samples, ([timestampMs]) => timestampMs);
  return bucketize({ timestamps, values: Float64Array.from(samples, ([, value]) => value) }, R);
}

function freshOf(windowMs: number, samples: readonly Sample[], generation = 9) {
  return { generation, windows: [windowMs], buckets: samples.length === 0 ? undefined : bucketsOf(samples) };
}

const never = (): boolean => false;

test("renew buckets - a window is replaced, its neighbours stay, borders belong to the window before", () => {
  const first: Sample[] = [[WINDOW_MS, 1]];
  const last: Sample[] = [[2 * WINDOW_MS + 1, 3]];
  const known = { generation: 5, buckets: bucketsOf([...first, [WINDOW_MS + 1, 2], [2 * WINDOW_MS, 2], ...last]) };
  const samples: Sample[] = [
    [WINDOW_MS + 1, 7],
    [WINDOW_MS + 2, 8],
    [2 * WINDOW_MS, 9],
  ];
  expect(renewBuckets(known, [freshOf(WINDOW_MS, samples)], never)).toEqual(bucketsOf([...first, ...samples, ...last]));
});

test("renew buckets - of nothing, and to nothing", () => {
  expect(renewBuckets(undefined, [freshOf(0, [])])).toBeUndefined();
  expect(renewBuckets(undefined, [freshOf(0, [[5, 1]])])).toEqual(bucketsOf([[5, 1]]));
  expect(renewBuckets({ generation: 5, buckets: bucketsOf([[5, 1]]) }, [freshOf(0, [])])).toBeUndefined();
});

const counter: Sample[] = Array.from({ length: 10 }, (_, i) => [(i + 10) * SECOND, i]);
const known = { generation: 5, buckets: bucketsOf(counter) };

test("renew buckets - samples fewer than counted are late ones, unless some were deleted", () => {
  const late: Sample[] = [[R + 1, 4]];
  expect(renewBuckets(known, [freshOf(0, late)], never)).toEqual(bucketsOf([...counter, ...late]));
  expect(renewBuckets(known, [freshOf(0, late)], () => true)).toEqual(bucketsOf(late));
  expect(renewBuckets(known, [freshOf(0, [], 9)], never)).toEqual(known.buckets);
});

test("renew buckets - late samples that the buckets were made with are not added again", () => {
  expect(renewBuckets(known, [freshOf(0, [[R + 1, 4]], 3)], never)).toEqual(known.buckets);
});

test.each<{ name: string; late: readonly Sample[] }>([
  {
    name: "before all others",
    late: [
      [SECOND, 5],
      [2 * SECOND, 6],
    ],
  },
  {
    name: "after all others",
    late: [
      [60 * SECOND, 5],
      [61 * SECOND, 2],
    ],
  },
])("renew buckets - late samples $name count as if they had come in time", ({ late }) => {
  const all = [...counter, ...late].toSorted((a, b) => a[0] - b[0]);
  expect(renewBuckets(known, [freshOf(0, late)], never)).toEqual(bucketsOf(all));
});

test("renew buckets - late samples among others change all but resets and increases", () => {
  const late: Sample[] = [[10.5 * SECOND, 100]];
  const all = bucketsOf([...counter, ...late].toSorted((a, b) => a[0] - b[0]));
  const { resets, increases } = known.buckets;
  expect(renewBuckets(known, [freshOf(0, late)], never)).toEqual({ ...all, resets, increases });
});

test("renew buckets - a late sample after a staleness marker ends it, one before does not", () => {
  const values = Float64Array.of(1, 0);
  new Uint32Array(values.buffer).set([2, 0x7ff00000], 2);
  const buckets = bucketize({ timestamps: Float64Array.of(10, 50), values }, R);
  const withMarker = { generation: 5, buckets: { ...buckets, counts: Float64Array.of(9) } };
  const f = (lateMs: number, marker: number): void => {
    const renewed = renewBuckets(withMarker, [freshOf(0, [[lateMs, 2]])], never);
    expect([...(renewed?.markerTimes ?? [])]).toEqual([marker]);
    expect([...(renewed?.counts ?? [])]).toEqual([10]);
  };
  f(40, 50);
  f(60, Number.NaN);
});
