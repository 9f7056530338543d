import { describe, expect, test } from "vitest";
import type { Alert } from "../../alerts/alert.ts";
import type { NotificationRecord } from "../../history/history-events.ts";
import { ApiFixture } from "../api-fixture.ts";

const START_MS = Date.UTC(2026, 0, 1);

function alert(fingerprint: string): Alert {
  return {
    fingerprint,
    labels: { alertname: fingerprint },
    annotations: {},
    startsAtMs: START_MS,
    endsAtMs: START_MS + 60_000,
    updatedAtMs: START_MS,
    generatorUrl: "",
    isTimeout: false,
  };
}

function notification(receiver: string, atMs: number, firing: readonly string[]): NotificationRecord {
  return {
    atMs,
    outcome: "sent",
    groupKey: "{}:{}",
    receiver,
    integration: "webhook",
    integrationIndex: 0,
    notificationReason: "first notification",
    flushMs: atMs - 1000,
    attempts: 1,
    firing,
    resolved: [],
    groupLabels: { alertname: "a" },
    error: "",
  };
}

describe("history of the API", () => {
  test("history - alerts come newest first, once, by alert and time", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    const { history } = fixture;
    history.alertChanged(alert("a"), "firing", START_MS);
    history.alertChanged(alert("b"), "firing", START_MS + 1000);
    history.alertChanged(alert("a"), "firing", START_MS);
    history.alertChanged(alert("a"), "resolved", START_MS + 60_000);
    const f = async (query: string, expected: readonly string[]): Promise<void> => {
      const list: { fingerprint: string; change: string }[] = JSON.parse(
        (await fixture.ask("GET", `/api/v2/history/alerts${query}`)).body,
      );
      expect(
        list.map(({ fingerprint, change }) => `${fingerprint} ${change}`),
        query,
      ).toEqual(expected);
    };
    await f("", ["a resolved", "b firing", "a firing"]);
    await f("?limit=1", ["a resolved"]);
    await f("?fingerprint=a", ["a resolved", "a firing"]);
    await f("?start=2026-01-01T00:00:01Z&end=2026-01-01T00:00:30Z", ["b firing"]);
    const [first]: unknown[] = JSON.parse((await fixture.ask("GET", "/api/v2/history/alerts?limit=1")).body);
    expect(first).toEqual({
      at: "2026-01-01T00:01:00.000Z",
      change: "resolved",
      fingerprint: "a",
      labels: { alertname: "a" },
      annotations: {},
      startsAt: "2026-01-01T00:00:00.000Z",
      generatorURL: "",
    });
  });

  test("history - notifications are chosen by receiver and alert", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    fixture.history.notified(notification("team", START_MS, ["a"]));
    fixture.history.notified(notification("default", START_MS + 1, ["a", "b"]));
    const receivers = async (query: string): Promise<string[]> => {
      const list: { receiver: string }[] = JSON.parse(
        (await fixture.ask("GET", `/api/v2/history/notifications${query}`)).body,
      );
      return list.map(({ receiver }) => receiver);
    };
    expect(await receivers("")).toEqual(["default", "team"]);
    expect(await receivers("?receiver=team")).toEqual(["team"]);
    expect(await receivers("?fingerprint=b")).toEqual(["default"]);
  });

  test("history - bad parameters are refused", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    for (const query of ["limit=0", "limit=99999", "limit=x", "start=yesterday", "end=1"]) {
      expect((await fixture.ask("GET", `/api/v2/history/alerts?${query}`)).status, query).toBe(400);
    }
  });

  test("failed notifications - are listed and can be tried again", async () => {
    const fixture = new ApiFixture();
    await fixture.open();
    expect(JSON.parse((await fixture.ask("GET", "/api/v2/notifications/failed")).body)).toMatchObject([
      { id: "job:1", receiver: "team", failedAt: "2026-01-02T00:00:00.000Z", reason: "serverError" },
    ]);
    expect((await fixture.ask("POST", "/api/v2/notifications/failed/job%3A1/retry")).status).toBe(200);
    expect((await fixture.ask("POST", "/api/v2/notifications/failed/other/retry")).status).toBe(404);
    expect(fixture.failedDeliveries.retried).toEqual(["job:1", "other"]);
  });
});
