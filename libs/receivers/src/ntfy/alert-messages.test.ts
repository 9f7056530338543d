import { describe, expect, test } from "vitest";

import type { NotificationAlert } from "../notification.ts";
import { RESOLVED, sampleAlert, sampleNotification } from "../sample-notification.ts";
import { planAlertMessages } from "./alert-messages.ts";
import { type NtfyMemory, readMemory, writeMemory } from "./ntfy-memory.ts";

const NOTHING: NtfyMemory = { hasSequences: undefined, shown: undefined, summed: new Set() };

function firing(...names: string[]): NotificationAlert[] {
  return names.map((name) => sampleAlert({ name }));
}

function over(...names: string[]): NotificationAlert[] {
  return names.map((name) => sampleAlert({ name }, RESOLVED));
}

describe("ntfy alert messages", () => {
  const f = (
    alerts: NotificationAlert[],
    memory: Partial<NtfyMemory>,
    expected: { single: string; summed?: string },
    options: { maxAlerts?: number; reason?: string } = {},
  ): void => {
    const notification = sampleNotification(alerts, options.reason === undefined ? {} : { reason: options.reason });
    const plan = planAlertMessages(notification, { ...NOTHING, ...memory }, options.maxAlerts ?? 0);
    const names = (list: readonly NotificationAlert[]): string => list.map((alert) => alert.fingerprint).join(" ");
    expect({ single: names(plan.single), summed: names(plan.summed) }).toEqual({ summed: "", ...expected });
  };

  test("ntfy alert messages - only what has changed is sent", () => {
    f(firing("a", "b"), {}, { single: "a b" });
    f(firing("a", "b"), { shown: new Set(["a"]) }, { single: "b" });
    f([...firing("a"), ...over("b")], { shown: new Set(["a", "b"]) }, { single: "b" });
    f(over("a", "b"), { shown: new Set(["a"]) }, { single: "a" });
    f(over("a"), {}, { single: "a" });
    f(firing("a"), { shown: new Set(["a"]) }, { single: "a" }, { reason: "repeat interval elapsed" });
  });

  test("ntfy alert messages - too many become one message about the rest", () => {
    f(firing("a", "b", "c"), {}, { single: "a b c" }, { maxAlerts: 3 });
    f(firing("a", "b", "c", "d"), {}, { single: "a b", summed: "c d" }, { maxAlerts: 3 });
    const many = Array.from({ length: 40 }, (_, i) => `n${i}`);
    const plan = planAlertMessages(sampleNotification(firing(...many)), NOTHING, 100);
    expect([plan.single.length, plan.summed.length]).toEqual([29, 11]);
  });

  test("ntfy alert messages - the message about the rest follows its alerts", () => {
    const memory = { shown: new Set(["a", "b"]), summed: new Set(["c", "d"]) };
    f(firing("a", "b", "c", "d"), memory, { single: "" });
    f([...firing("a", "c"), ...over("b", "d")], memory, { single: "b", summed: "c d" });
    f(firing("a", "b", "c", "d", "e"), memory, { single: "e" });
  });

  test("ntfy alert messages - what is remembered survives the notification log", () => {
    const memory = { hasSequences: true, shown: new Set(["a", "b"]), summed: new Set(["c"]) };
    expect(readMemory(writeMemory(memory))).toEqual(memory);
    expect(readMemory(writeMemory(NOTHING))).toEqual(NOTHING);
    expect(readMemory(writeMemory({ ...NOTHING, hasSequences: false })).hasSequences).toBe(false);
    const many = new Set(Array.from({ length: 600 }, (_, i) => `f${i}`));
    expect(readMemory(writeMemory({ ...NOTHING, shown: many })).shown?.size).toBe(500);
  });
});
