import { describe, expect, test } from "vitest";
import { postedAlertsFromMessage } from "./alert-events-message.ts";
import { instantFrom } from "./instant.ts";

describe("alert events", () => {
  const EVENT = {
    labels: { alertname: "A" },
    annotations: { summary: "s" },
    startsAt: "2026-01-01T00:00:00.5Z",
    endsAt: "0001-01-01T00:00:00Z",
    generatorURL: "http://x",
  };
  const f = (message: unknown) => postedAlertsFromMessage(new TextEncoder().encode(JSON.stringify(message)));

  test("are read with their times; Go's zero time means none", () => {
    expect(f({ tenant: "anonymous", alerts: [EVENT] })).toEqual([
      {
        labels: { alertname: "A" },
        annotations: { summary: "s" },
        startsAtMs: Date.UTC(2026, 0, 1) + 500,
        endsAtMs: undefined,
        generatorUrl: "http://x",
      },
    ]);
  });

  test("of other tenants are told apart by a label, unless they have it", () => {
    expect(f({ tenant: "t", alerts: [EVENT] })?.[0]?.labels).toEqual({ alertname: "A", tenant: "t" });
    const own = { ...EVENT, labels: { tenant: "own" } };
    expect(f({ tenant: "t", alerts: [own] })?.[0]?.labels).toEqual({ tenant: "own" });
  });

  test("anything else is no message", () => {
    for (const bad of [null, {}, [], { tenant: "t" }, { tenant: "t", alerts: [{ ...EVENT, labels: { a: 1 } }] }]) {
      expect(f(bad)).toBeUndefined();
    }
    expect(postedAlertsFromMessage(new Uint8Array([0xff, 0x00]))).toBeUndefined();
  });

  test("times are RFC 3339 and nothing else", () => {
    expect(instantFrom("2026-01-01T02:00:00.123456789+02:00")).toBe(Date.UTC(2026, 0, 1) + 123);
    for (const bad of ["", "2026-01-01", "2026-13-01T00:00:00Z", "yesterday", "2026-01-01T00:00:00"]) {
      expect(instantFrom(bad)).toBeUndefined();
    }
  });
});
