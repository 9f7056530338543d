import { describe, expect, test } from "vitest";

import type { NotificationAlert } from "../notification.ts";
import { RESOLVED, sampleAlert, sampleNotification } from "../sample-notification.ts";
import { defaultMessage, defaultTitle } from "./ntfy-default-text.ts";
import { fitText, textFromMessage } from "./ntfy-text.ts";

function shown(alerts: readonly NotificationAlert[], groupLabels = {}): { title: string; message: string } {
  const { data } = sampleNotification(alerts, { groupLabels });
  return { title: defaultTitle(data), message: fitText(textFromMessage(defaultMessage(data)), 4096) };
}

describe("ntfy default text", () => {
  test("ntfy default text - the title has status, name and the group's labels", () => {
    const f = (alerts: NotificationAlert[], groupLabels: Record<string, string>, expected: string): void =>
      expect(shown(alerts, groupLabels).title).toBe(expected);
    const a = sampleAlert({ alertname: "Down", zone: "eu", job: "node" });
    const b = sampleAlert({ alertname: "Slow", zone: "eu", job: "node" });
    f([a], { alertname: "Down" }, "[FIRING:1] Down");
    f([a, { ...a, ...RESOLVED }], { zone: "eu", alertname: "Down", job: "node" }, "[FIRING:1] Down (node, eu)");
    f([a, b], { zone: "eu" }, "[FIRING:2] 2 alerts (eu)");
    f([{ ...a, ...RESOLVED }], {}, "[RESOLVED] Down");
  });

  test("ntfy default text - summary and description of one alert", () => {
    const annotations = { summary: "web-1 is down", description: "No scrape for 5m." };
    const alert = sampleAlert({ alertname: "Down", instance: "web-1" }, { annotations });
    expect(shown([alert]).message).toBe("web-1 is down\nNo scrape for 5m.");
    expect(shown([{ ...alert, annotations: { description: "No scrape." } }]).message).toBe("No scrape.");
    expect(shown([{ ...alert, annotations: { message: "same", description: "same" } }]).message).toBe("same");
  });

  test("ntfy default text - labels where nothing is said", () => {
    const alert = sampleAlert({ alertname: "Down", zone: "eu", instance: "web-1" });
    expect(shown([alert], { alertname: "Down", zone: "eu" }).message).toBe("instance=web-1");
    expect(shown([sampleAlert({ alertname: "Down" })], { alertname: "Down" }).message).toBe("Down");
    expect(shown([sampleAlert({ zone: "eu" })], { zone: "eu" }).message).toBe("zone=eu");
  });

  test("ntfy default text - what tells alerts apart is named unless the text names it", () => {
    const said = (instance: string, summary: string): NotificationAlert =>
      sampleAlert({ alertname: "Down", instance }, { annotations: { summary } });
    expect(shown([said("web-1", "web-1 is down"), said("web-2", "a host is down")]).message).toBe(
      "web-1 is down\na host is down\ninstance=web-2",
    );
  });

  test("ntfy default text - resolved alerts come last and say so beside firing ones", () => {
    const annotations = { summary: "gone" };
    const over = sampleAlert({ alertname: "A" }, { ...RESOLVED, annotations });
    const firing = sampleAlert({ alertname: "A" }, { annotations: { summary: "here" } });
    expect(shown([over, firing]).message).toBe("here\nResolved: gone");
    expect(shown([over]).message).toBe("gone");
  });
});
