import { describe, expect, test } from "vitest";
import type { SelectRequest } from "../sample-source.ts";
import { alignedRequest } from "./align-request.ts";
import { chooseResolution } from "./choose-resolution.ts";

const M = 60_000;
const H = 60 * M;

interface Case {
  readonly fn?: string;
  /** Window, or lookback where `instant`. */
  readonly w: number;
  readonly instant?: boolean;
  readonly step?: number;
  readonly first?: number;
  readonly max?: number | "auto";
  readonly finest?: number;
  readonly resolutions?: readonly number[];
}

function requestOf({ fn = "rate", w, instant = false, step = 0, first = 1000 * H, max }: Case): SelectRequest {
  const lastEndMs = first + 10 * step;
  return {
    matchers: [],
    afterMs: first - w,
    untilMs: lastEndMs,
    stepMs: step,
    rangeMs: w,
    isRange: !instant,
    firstEndMs: first,
    lastEndMs,
    functionName: fn,
    ...(max === undefined ? {} : { maxResolutionMs: max }),
  };
}

function f(one: Case, expected: number): void {
  const { resolutions = [5 * M, H], finest = 0 } = one;
  const available = { resolutionsMs: resolutions, finestMs: finest };
  expect(chooseResolution(requestOf(one), available), JSON.stringify(one)).toBe(expected);
}

describe("choose resolution - a number", () => {
  test("choose resolution - nothing asked for is raw", () => {
    f({ w: 100 * H }, 0);
    f({ w: 100 * H, max: 0 }, 0);
    f({ w: 5 * M, instant: true, fn: "" }, 0);
  });

  test("choose resolution - the coarsest at most the number", () => {
    f({ w: 100 * H, max: H }, H);
    f({ w: 100 * H, max: H - 1 }, 5 * M);
    f({ w: 100 * H, max: 5 * M }, 5 * M);
    f({ w: 100 * H, max: 5 * M - 1 }, 0);
    f({ w: 100 * H, max: Infinity }, H);
    f({ w: 100 * H, max: H, resolutions: [H, 5 * M] }, H);
    f({ w: 100 * H, max: H, resolutions: [5 * M] }, 5 * M);
    f({ w: 100 * H, max: H, resolutions: [] }, 0);
  });

  test("choose resolution - two buckets for what needs two samples, one for the others", () => {
    for (const fn of ["rate", "increase", "delta", "irate", "idelta", "deriv", "predict_linear", "resets", "changes"]) {
      f({ fn, w: 2 * H, max: H }, H);
      f({ fn, w: 2 * H - 1, max: H }, 5 * M);
      f({ fn, w: 10 * M, max: H }, 5 * M);
      f({ fn, w: 10 * M - 1, max: H }, 0);
    }
    for (const fn of ["max_over_time", "quantile_over_time", "absent_over_time"]) {
      f({ fn, w: H, max: H }, H);
      f({ fn, w: H - 1, max: H }, 5 * M);
      f({ fn, w: 5 * M, max: H }, 5 * M);
      f({ fn, w: 5 * M - 1, max: H }, 0);
    }
  });

  test("choose resolution - instant selectors take the number alone, whatever their steps", () => {
    f({ w: 5 * M, instant: true, fn: "", max: H }, H);
    f({ w: 5 * M, instant: true, fn: "sum", max: 5 * M, step: 15_000 }, 5 * M);
  });

  test("choose resolution - steps and alignment do not matter", () => {
    f({ w: 2 * H, max: H, step: 15_000, first: 1000 * H + 1 }, H);
  });
});

describe("choose resolution - auto", () => {
  const max = "auto";

  test("choose resolution - auto - aligned steps", () => {
    f({ w: 2 * H, max, step: H }, H);
    f({ w: 2 * H, max, step: 3 * H }, H);
    f({ w: 2 * H, max, step: 90 * M }, 5 * M);
    f({ w: 2 * H, max, step: H, first: 1000 * H + 5 * M }, 5 * M);
    f({ w: 2 * H, max, step: H, first: 1000 * H + 1 }, 5 * M);
    f({ w: 2 * H, max, step: 5 * M }, 5 * M);
    f({ w: 2 * H, max, step: 5 * M, first: 1000 * H + 1 }, 0);
    f({ w: 2 * H, max, step: M }, 0);
  });

  test("choose resolution - auto - unaligned steps of five buckets", () => {
    f({ w: 100 * H, max, step: 25 * M, first: 1000 * H + 1 }, 5 * M);
    f({ w: 100 * H, max, step: 25 * M - 1, first: 1000 * H + 1 }, 0);
    f({ w: 100 * H, max, step: 5 * H, first: 1000 * H + 1 }, H);
    f({ w: 100 * H, max, step: 5 * H - 1, first: 1000 * H + 1 }, 5 * M);
  });

  test("choose resolution - auto - the window holds two buckets, a multiple or not", () => {
    f({ w: H + 15_000, max, step: H }, 5 * M);
    f({ w: 2 * H + 15_000, max, step: 2 * H }, H);
    f({ w: 10 * M, max, step: H }, 5 * M);
    f({ w: 10 * M - 1, max, step: H }, 0);
    f({ fn: "max_over_time", w: H, max, step: H }, 5 * M);
  });

  test("choose resolution - auto - functions that are not exact are read raw", () => {
    for (const fn of [
      "irate",
      "idelta",
      "deriv",
      "quantile_over_time",
      "stddev_over_time",
      "changes",
      "",
      "mad_over_time",
    ])
      f({ fn, w: 100 * H, max, step: 10 * H }, 0);
    for (const fn of ["count_over_time", "avg_over_time", "absent_over_time", "resets", "delta", "last_over_time"])
      f({ fn, w: 100 * H, max, step: 10 * H }, H);
  });

  test("choose resolution - auto - instant selectors, never coarser than the step", () => {
    f({ fn: "sum", w: 5 * M, instant: true, max, step: H }, H);
    f({ fn: "", w: 5 * M, instant: true, max, step: 5 * M }, 5 * M);
    f({ fn: "", w: 5 * M, instant: true, max, step: M }, 0);
    f({ fn: "", w: 5 * M, instant: true, max, step: 30 * M, first: 1000 * H + 1 }, 5 * M);
    f({ fn: "", w: 5 * M, instant: true, max, step: 24 * M, first: 1000 * H + 1 }, 0);
  });

  test("choose resolution - auto - one instant looks at the window alone", () => {
    f({ w: 20 * H, max }, H);
    f({ w: 20 * H - 1, max }, 5 * M);
    f({ w: 100 * H, max, first: 1000 * H + 1 }, H);
    f({ w: 100 * H - 1, max, first: 1000 * H + 1 }, 5 * M);
    f({ w: 100 * M, max }, 5 * M);
    f({ w: 100 * M - 1, max }, 0);
    f({ w: 500 * M, max, first: 1000 * H + 1 }, 5 * M);
    f({ w: 499 * M, max, first: 1000 * H + 1 }, 0);
    f({ w: 5 * M, max, instant: true, fn: "" }, 0);
    f({ w: 100 * H, max, fn: "quantile_over_time" }, 0);
  });

  test("choose resolution - auto - a request without windows is read raw", () => {
    const request = {
      matchers: [],
      afterMs: 0,
      untilMs: H,
      stepMs: 0,
      functionName: "",
      maxResolutionMs: max,
    } as const;
    expect(chooseResolution(request, { resolutionsMs: [5 * M], finestMs: 0 })).toBe(0);
    expect(chooseResolution({ ...request, maxResolutionMs: H }, { resolutionsMs: [5 * M], finestMs: 0 })).toBe(0);
  });
});

describe("choose resolution - what is left", () => {
  test("choose resolution - never finer than what still exists", () => {
    f({ w: 5 * M, finest: H }, H);
    f({ w: 5 * M, finest: 5 * M, max: "auto", step: M }, 5 * M);
    f({ w: 5 * M, finest: H, max: 5 * M, instant: true, fn: "" }, H);
    f({ w: 100 * H, finest: 5 * M, max: H }, H);
    f({ w: 100 * H, finest: H, max: 5 * M }, H);
  });
});

describe("aligned request", () => {
  const spanOf = (one: Case, resolutionMs: number): readonly number[] => {
    const { afterMs, untilMs } = alignedRequest(requestOf({ first: 100 * H, ...one }), resolutionMs);
    return [(afterMs - 100 * H) / M, (untilMs - 100 * H) / M];
  };

  test("aligned request - raw samples as asked for", () => {
    expect(spanOf({ w: 7 * M, first: 100 * H + 90_000, step: M }, 0)).toEqual([-5.5, 11.5]);
  });

  test("aligned request - whole buckets back from the borders before the first and last end", () => {
    expect(spanOf({ w: 10 * M, step: 5 * M }, 5 * M)).toEqual([-10, 50]);
    expect(spanOf({ w: 14 * M, first: 100 * H + 4 * M, step: 5 * M }, 5 * M)).toEqual([-10, 50]);
    expect(spanOf({ w: M, first: 100 * H + 4 * M, step: 5 * M }, H)).toEqual([-60, 0]);
  });

  test("aligned request - an instant selector covers its whole lookback", () => {
    expect(spanOf({ w: 7 * M, instant: true, first: 100 * H + 4 * M, step: 5 * M }, 5 * M)).toEqual([-10, 50]);
    expect(spanOf({ w: 5 * M, instant: true, first: 100 * H + 4 * M, step: 5 * M }, H)).toEqual([-60, 0]);
  });

  test("aligned request - without windows the buckets that the range touches", () => {
    const request = { matchers: [], afterMs: 3 * M, untilMs: 11 * M, stepMs: 0, functionName: "" };
    expect(alignedRequest(request, 5 * M)).toEqual({ afterMs: 0, untilMs: 15 * M });
  });
});
