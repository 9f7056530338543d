import { describe, expect, test } from "vitest";
import { alertsFromPosted, type PostedAlert } from "./posted-alerts.ts";

const NOW = 1_000_000;
const OPTIONS = { nowMs: NOW, resolveTimeoutMs: 300_000, isClassicMode: false };

const posted = (changes: Partial<PostedAlert>): PostedAlert => ({
  labels: { alertname: "A" },
  annotations: {},
  startsAtMs: undefined,
  endsAtMs: undefined,
  generatorUrl: "",
  ...changes,
});

describe("posted alerts", () => {
  test("missing times are filled in", () => {
    const f = (startsAtMs: number | undefined, endsAtMs: number | undefined) => {
      const [alert] = alertsFromPosted([posted({ startsAtMs, endsAtMs })], OPTIONS).alerts;
      return [alert?.startsAtMs, alert?.endsAtMs, alert?.isTimeout];
    };
    expect(f(undefined, undefined)).toEqual([NOW, NOW + 300_000, true]);
    expect(f(5, undefined)).toEqual([5, NOW + 300_000, true]);
    expect(f(undefined, 7)).toEqual([7, 7, false]);
    expect(f(5, 7)).toEqual([5, 7, false]);
  });

  test("empty labels are left out, and are not part of the identity", () => {
    const { alerts } = alertsFromPosted([posted({ labels: { alertname: "A", b: "" } }), posted({})], OPTIONS);
    expect(alerts[0]?.labels).toEqual({ alertname: "A" });
    expect(alerts[0]?.fingerprint).toBe(alerts[1]?.fingerprint);
  });

  test("what is no alert is refused, and the others count", () => {
    const f = (changes: Partial<PostedAlert>, isClassicMode = false): readonly string[] => {
      const result = alertsFromPosted([posted(changes), posted({})], { ...OPTIONS, isClassicMode });
      expect(result.alerts).toHaveLength(result.errors.length === 0 ? 2 : 1);
      return result.errors;
    };
    expect(f({ labels: {} })).toEqual(["at least one label pair required"]);
    expect(f({ labels: { a: "" } })).toEqual(["at least one label pair required"]);
    expect(f({ startsAtMs: 2, endsAtMs: 1 })).toEqual(["start time must be before end time"]);
    expect(f({ labels: { "": "x" } })).toEqual(['invalid label set: invalid name ""']);
    expect(f({ annotations: { "": "x" } })).toEqual(['invalid annotations: invalid name ""']);
    expect(f({ labels: { "a b": "x" } })).toEqual([]);
    expect(f({ labels: { "a b": "x" } }, true)).toEqual(['invalid label set: invalid name "a b"']);
    expect(f({ labels: { __proto__: "x", constructor: "y" } })).toEqual([]);
  });

  test("half a surrogate pair becomes what UTF-8 makes of it", () => {
    const { alerts } = alertsFromPosted([posted({ labels: { a: "x\ud800" } })], OPTIONS);
    expect(alerts[0]?.labels).toEqual({ a: "x\ufffd" });
  });
});
