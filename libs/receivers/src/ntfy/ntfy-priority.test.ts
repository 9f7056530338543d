import { describe, expect, test } from "vitest";

import { RESOLVED, sampleAlert, sampleNotification } from "../sample-notification.ts";
import { parsePriority, priorityOf, tagsOf } from "./ntfy-priority.ts";

describe("ntfy priority", () => {
  test("ntfy priority - each severity has its own", () => {
    const f = (severity: string | undefined, expected: number): void => {
      const labels = severity === undefined ? { alertname: "Down" } : { alertname: "Down", severity };
      expect(priorityOf(sampleNotification([sampleAlert(labels)]).data)).toBe(expected);
    };
    f("critical", 5);
    f("Critical ", 5);
    f("page", 5);
    f("error", 4);
    f("high", 4);
    f("warning", 3);
    f("info", 2);
    f("none", 2);
    f("constructor", 3);
    f(undefined, 3);
  });

  test("ntfy priority - the highest of the firing alerts counts, resolved ones do not", () => {
    const critical = sampleAlert({ severity: "critical" }, RESOLVED);
    const info = sampleAlert({ severity: "info" });
    const error = sampleAlert({ severity: "error" });
    expect(priorityOf(sampleNotification([info, error, critical]).data)).toBe(4);
    expect(priorityOf(sampleNotification([info, critical]).data)).toBe(2);
    expect(priorityOf(sampleNotification([critical]).data)).toBe(2);
  });

  test("ntfy priority - an annotation sets it before a label, a label before the severity", () => {
    const labels = { severity: "info", ntfy_priority: "high" };
    expect(priorityOf(sampleNotification([sampleAlert(labels)]).data)).toBe(4);
    const annotated = sampleAlert(labels, { annotations: { ntfy_priority: "1" } });
    expect(priorityOf(sampleNotification([annotated]).data)).toBe(1);
    const nonsense = sampleAlert({ severity: "critical", ntfy_priority: "9" });
    expect(priorityOf(sampleNotification([nonsense]).data)).toBe(5);
  });

  test("ntfy priority - names and numbers are read", () => {
    const f = (text: string, expected: number | undefined): void => expect(parsePriority(text)).toBe(expected);
    f("3", 3);
    f(" Urgent ", 5);
    f("min", 1);
    f("0", undefined);
    f("6", undefined);
    f("toString", undefined);
    f("", undefined);
  });

  test("ntfy priority - tags show status and urgency", () => {
    const firing = sampleNotification([sampleAlert({ a: "1" })]).data;
    const resolved = sampleNotification([sampleAlert({ a: "1" }, RESOLVED)]).data;
    expect(([5, 4, 3, 2, 1] as const).map((priority) => tagsOf(firing, priority))).toEqual([
      ["rotating_light"],
      ["red_circle"],
      ["warning"],
      ["information_source"],
      ["information_source"],
    ]);
    expect(tagsOf(resolved, 2)).toEqual(["white_check_mark"]);
  });
});
