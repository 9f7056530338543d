import { describe, expect, test } from "vitest";
import type { Alert } from "./alert.ts";
import { mergeAlerts } from "./merge-alerts.ts";

const NOW = 100;

const alert = (startsAtMs: number, endsAtMs: number, updatedAtMs: number, isTimeout = false): Alert => ({
  fingerprint: "f",
  labels: { a: "b" },
  annotations: { updated: String(updatedAtMs) },
  startsAtMs,
  endsAtMs,
  updatedAtMs,
  generatorUrl: "",
  isTimeout,
});

describe("merging alerts", () => {
  /** The times that are known after both, whichever came first. */
  const f = (older: Alert, newer: Alert): readonly number[] => {
    const merged = mergeAlerts(older, newer, NOW);
    expect(mergeAlerts(newer, older, NOW)).toEqual(merged);
    expect(merged.annotations).toEqual(newer.annotations);
    return [merged.startsAtMs, merged.endsAtMs];
  };

  test("the earliest start is kept where the times overlap", () => {
    expect(f(alert(10, 200, 1), alert(20, 300, 2))).toEqual([10, 300]);
    expect(f(alert(20, 200, 1), alert(10, 150, 2))).toEqual([10, 200]);
  });

  test("without an overlap the newer takes the place of the older", () => {
    expect(f(alert(10, 20, 1), alert(30, 300, 2))).toEqual([30, 300]);
    expect(f(alert(50, 90, 1), alert(10, 20, 2))).toEqual([10, 20]);
  });

  test("a later end that was announced holds against a shorter one, a time-out does not", () => {
    expect(f(alert(10, 300, 1), alert(20, 200, 2))).toEqual([10, 300]);
    expect(f(alert(10, 300, 1, true), alert(20, 200, 2))).toEqual([10, 200]);
  });

  test("a resolution ends what fired, and of two resolutions the later counts", () => {
    expect(f(alert(10, 300, 1), alert(20, 90, 2))).toEqual([10, 90]);
    expect(f(alert(10, 95, 1), alert(20, 90, 2))).toEqual([10, 95]);
  });
});
