import { describe, expect, test } from "vitest";

import { RESOLVED, sampleAlert, sampleNotification } from "../sample-notification.ts";
import { isWebUrl, linksOf, matcherText, newSilenceUrl, silencedLabels } from "./ntfy-links.ts";

describe("ntfy links", () => {
  test("ntfy links - pages that all alerts share", () => {
    const annotations = { runbook_url: "https://wiki.example/down", dashboard: "no address" };
    const a = sampleAlert({ alertname: "Down", i: "1" }, { annotations });
    const b = sampleAlert({ alertname: "Down", i: "2" }, { annotations, generatorUrl: "http://other.example/" });
    expect(linksOf(sampleNotification([a]).data)).toEqual({
      source: "http://prometheus.example/graph?g0.expr=up",
      runbook: "https://wiki.example/down",
      dashboard: undefined,
      group: "http://alertmanager.example/#/alerts?receiver=team&filter=" + encodeURIComponent('{alertname="Down"}'),
    });
    expect(linksOf(sampleNotification([a, b]).data).source).toBeUndefined();
    expect(linksOf(sampleNotification([a, b]).data).runbook).toBe("https://wiki.example/down");
  });

  test("ntfy links - only web addresses count", () => {
    const f = (text: string, expected: boolean): void => expect(isWebUrl(text)).toBe(expected);
    f("https://example/", true);
    f("HTTP://example", true);
    f("javascript:alert(1)", false);
    f("http://", false);
    f("https://[", false);
    f("", false);
  });

  test("ntfy links - a silence names what the firing alerts share", () => {
    const a = sampleAlert({ alertname: "Down", i: "1" });
    const b = sampleAlert({ alertname: "Down", i: "2" });
    const other = sampleAlert({ zone: "eu" });
    const f = (alerts: Parameters<typeof sampleNotification>[0], expected: unknown): void =>
      expect(silencedLabels(sampleNotification(alerts).data)).toEqual(expected);
    f([a], { alertname: "Down", i: "1" });
    f([a, b], { alertname: "Down" });
    f([a, { ...other, ...RESOLVED }], { alertname: "Down", i: "1" });
    f([a, other], undefined);
    f([{ ...a, ...RESOLVED }], undefined);
  });

  test("ntfy links - the form for a silence is filled in", () => {
    expect(matcherText({ b: 'a"\\\n', a: "ü", "x y": "1" })).toBe('{a="ü",b="a\\"\\\\\\n","x y"="1"}');
    expect(newSilenceUrl("http://am/x/", { a: "1" }, "4h")).toBe(
      "http://am/x/#/silences/new?filter=%7Ba%3D%221%22%7D&duration=4h",
    );
  });
});
