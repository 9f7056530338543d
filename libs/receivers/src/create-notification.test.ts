import { describe, expect, test } from "vitest";
import { createNotification, withAlerts } from "./create-notification.ts";
import type { NotificationAlert, NotificationInput } from "./notification.ts";

function alert(labels: Record<string, string>, endsAt: string | null = null): NotificationAlert {
  return {
    labels,
    annotations: { summary: "too much" },
    startsAt: "2026-01-02T03:04:05.123Z",
    endsAt,
    generatorUrl: "http://prometheus/graph",
    fingerprint: "0123456789abcdef",
  };
}

const INPUT: NotificationInput = {
  receiver: "team.x (eu)",
  groupKey: '{}:{alertname="High"}',
  groupLabels: { alertname: "High" },
  routeLabels: {},
  reason: "first notification",
  alerts: [alert({ alertname: "High", job: "a", zone: "" }), alert({ alertname: "High", job: "b" })],
  flushMs: 0,
  receiverData: {},
  externalUrl: "http://am",
};

describe("notification", () => {
  test("the receiver's name is quoted for patterns", () => {
    expect(createNotification(INPUT).data.receiver).toBe("team\\.x \\(eu\\)");
  });

  test("common labels are those that all alerts have with one value", () => {
    expect(createNotification(INPUT).data.commonLabels).toEqual({ alertname: "High" });
    expect(createNotification(INPUT).data.commonAnnotations).toEqual({ summary: "too much" });
  });

  test("the group key's hash is SHA-256 in hexadecimal digits", () => {
    expect(createNotification({ ...INPUT, groupKey: "" }).groupKeyHash).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
  });

  test("one firing alert makes the whole notification firing", () => {
    const resolved = alert({ job: "a" }, "2026-01-02T03:05:05Z");
    expect(createNotification({ ...INPUT, alerts: [resolved, alert({ job: "b" })] }).data.status).toBe("firing");
    expect(createNotification({ ...INPUT, alerts: [resolved] }).data.status).toBe("resolved");
  });

  test("fewer alerts give their own common labels", () => {
    const whole = createNotification(INPUT);
    const first = withAlerts(whole, whole.alerts.slice(0, 1));
    expect(first.data.commonLabels).toEqual({ alertname: "High", job: "a", zone: "" });
    expect(first.groupKeyHash).toBe(whole.groupKeyHash);
  });
});
