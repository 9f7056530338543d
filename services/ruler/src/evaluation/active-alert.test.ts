import { Labels } from "@monotreme/model";
import { describe, expect, test } from "vitest";
import { type ActiveAlert, advanceAlerts, type AlertTimes, countActive, needsSending } from "./active-alert.ts";

const MINUTE_MS = 60_000;
const LABELS = Labels.fromObject({ alertname: "A" });

/** One evaluation a minute; 1: the series is there. Gives the state after each: `-` for none, else its first letter. */
function statesOf(series: string, times: Partial<AlertTimes>): string {
  const active = new Map<string, ActiveAlert>();
  let states = "";
  for (const [minute, sign] of series.split("").entries()) {
    const found =
      sign === "1" ? new Map([[LABELS.key, { labels: LABELS, annotations: Labels.EMPTY, value: minute }]]) : new Map();
    advanceAlerts(active, found, minute * MINUTE_MS, { forMs: 0, keepFiringForMs: 0, ...times });
    states += active.get(LABELS.key)?.state[0] ?? "-";
  }
  return states;
}

describe("active alert", () => {
  test("active alert - goes from pending to firing to resolved and is forgotten in the end", () => {
    const f = (series: string, times: Partial<AlertTimes>, expected: string): void =>
      expect(statesOf(series, times), series).toBe(expected);
    f("0", {}, "-");
    f("11", {}, "ff");
    f("10", {}, "fi");
    f("111", { forMs: 2 * MINUTE_MS }, "ppf");
    f("1101", { forMs: 2 * MINUTE_MS }, "pp-p");
    f("11011", { forMs: MINUTE_MS }, "pfipf");
    f(`1${"0".repeat(18)}`, {}, `f${"i".repeat(16)}--`);
    f("1000", { keepFiringForMs: 2 * MINUTE_MS }, "fffi");
    f("10100", { keepFiringForMs: 2 * MINUTE_MS }, "fffff");
    f("101000", { keepFiringForMs: 2 * MINUTE_MS }, "fffffi");
    f("110", { forMs: 2 * MINUTE_MS, keepFiringForMs: 5 * MINUTE_MS }, "pp-");
    f("1100", { forMs: MINUTE_MS, keepFiringForMs: MINUTE_MS }, "pffi");
  });

  test("active alert - keeps when it began, fired and was resolved, and takes the latest value", () => {
    const active = new Map<string, ActiveAlert>();
    const times = { forMs: MINUTE_MS, keepFiringForMs: MINUTE_MS };
    const advance = (minute: number, value?: number): ActiveAlert | undefined => {
      const found =
        value === undefined ? [] : [[LABELS.key, { labels: LABELS, annotations: Labels.EMPTY, value }] as const];
      advanceAlerts(active, new Map(found), minute * MINUTE_MS, times);
      return active.get(LABELS.key);
    };
    expect(advance(0, 1)).toMatchObject({ state: "pending", activeAtMs: 0, firedAtMs: undefined });
    expect(advance(1, 2)).toMatchObject({ state: "firing", activeAtMs: 0, firedAtMs: MINUTE_MS, value: 2 });
    expect(advance(2)).toMatchObject({ state: "firing", keepFiringSinceMs: 2 * MINUTE_MS, value: 2 });
    expect(advance(3, 5)).toMatchObject({ state: "firing", keepFiringSinceMs: undefined, firedAtMs: MINUTE_MS });
    expect(advance(4)).toMatchObject({ state: "firing", keepFiringSinceMs: 4 * MINUTE_MS });
    expect(countActive(active)).toBe(1);
    expect(advance(5)).toMatchObject({ state: "inactive", resolvedAtMs: 5 * MINUTE_MS, firedAtMs: MINUTE_MS });
    expect(countActive(active)).toBe(0);
    expect(advance(6, 1)).toMatchObject({ state: "pending", activeAtMs: 6 * MINUTE_MS, resolvedAtMs: undefined });
  });

  test("active alert - is sent when it fires, each resend delay, and at once when it is resolved", () => {
    const alert = (fields: Partial<ActiveAlert>): ActiveAlert => ({
      labels: LABELS,
      annotations: Labels.EMPTY,
      state: "firing",
      value: 1,
      activeAtMs: 0,
      firedAtMs: 0,
      keepFiringSinceMs: undefined,
      resolvedAtMs: undefined,
      lastSentAtMs: undefined,
      ...fields,
    });
    const f = (fields: Partial<ActiveAlert>, tsMs: number, expected: boolean): void =>
      expect(needsSending(alert(fields), tsMs, MINUTE_MS), JSON.stringify(fields)).toBe(expected);
    f({ state: "pending" }, 0, false);
    f({}, 0, true);
    f({ lastSentAtMs: 0 }, 30_000, false);
    f({ lastSentAtMs: 0 }, MINUTE_MS, false);
    f({ lastSentAtMs: 0 }, MINUTE_MS + 1, true);
    f({ state: "inactive", lastSentAtMs: 0, resolvedAtMs: 1000 }, 1000, true);
    f({ state: "inactive", lastSentAtMs: 1000, resolvedAtMs: 1000 }, 30_000, false);
    f({ state: "inactive", lastSentAtMs: 1000, resolvedAtMs: 1000 }, 2 * MINUTE_MS, true);
  });
});
