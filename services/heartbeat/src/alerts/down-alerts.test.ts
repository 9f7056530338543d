import { type AlertEvent, type AlertEventsMessage } from "@monotreme/contracts";
import { createSilentLogger } from "@monotreme/telemetry";
import { expect, test } from "vitest";
import { type CheckDefinition, type Flip, NEW_CHECK, type StoredStatus } from "../checks/check.ts";
import type { LoadedCheck } from "../checks/check-store.ts";
import { AlertSender } from "./alert-sender.ts";
import { DownAlerts } from "./down-alerts.ts";
import { LastWords } from "./last-words.ts";

const NOW = Date.UTC(2026, 0, 2, 12);
const MINUTE = 60_000;
const ID = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278";

function checkOf(status: StoredStatus, fields: Partial<CheckDefinition> = {}): LoadedCheck {
  return {
    definition: {
      id: ID,
      project: "p",
      name: "Backup",
      slug: "backup",
      tags: [],
      description: "",
      schedule: { kind: "simple", periodMs: MINUTE },
      graceMs: MINUTE,
      manualResume: false,
      postOnly: false,
      filters: {
        startKeywords: [],
        successKeywords: [],
        failureKeywords: [],
        subject: false,
        body: false,
        httpBody: false,
        defaultFail: false,
      },
      channels: [],
      ...fields,
    },
    state: { ...NEW_CHECK, status, pingCount: 3 },
    origin: "api",
    badgeKey: "b",
    createdMs: 0,
    unsentFlips: [],
    timing: { schedule: MINUTE, graceMs: MINUTE },
    revision: 1,
  };
}

const flip = (to: StoredStatus, atMs: number, from: StoredStatus = to === "down" ? "up" : "down"): Flip => {
  return { atMs, from, to, reason: to === "down" ? "timeout" : "", isNotified: true };
};

class Scene {
  nowMs = NOW;
  isRefusing = false;
  readonly sent: AlertEvent[] = [];
  readonly alerts = new DownAlerts({
    sender: new AlertSender(async (message) => {
      if (this.isRefusing) throw new Error("the stream is full");
      const { alerts }: AlertEventsMessage = JSON.parse(message);
      this.sent.push(...alerts);
    }),
    lastWords: new LastWords({
      newest: async () => ({ number: 3, body: Buffer.from("the end of the log") }),
      logger: createSilentLogger(),
      now: () => this.nowMs,
    }),
    projectName: () => "servers",
    externalUrl: "http://heartbeat",
    logger: createSilentLogger(),
    now: () => this.nowMs,
  });

  /** What the alertmanager would think of each check, by its name. */
  get firing(): string[] {
    const last = new Map(this.sent.map((alert) => [alert.labels["check"] ?? "", alert]));
    return [...last].filter(([, { endsAt }]) => Date.parse(endsAt) > this.nowMs).map(([name]) => name);
  }
}

test("down alerts - one fires at the flip, with the end of the output, and ends at the flip back", async () => {
  const scene = new Scene();
  scene.alerts.watch(checkOf("down"));
  await scene.alerts.take(checkOf("down"), flip("down", NOW - 5000));
  expect(scene.firing).toEqual(["Backup"]);
  expect(scene.sent[0]).toMatchObject({
    labels: { alertname: "HeartbeatDown", project: "servers", severity: "critical" },
    annotations: { summary: "Backup did not report in time", output: "the end of the log" },
    startsAt: new Date(NOW - 5000).toISOString(),
  });
  scene.alerts.watch(checkOf("up"));
  await scene.alerts.take(checkOf("up"), flip("up", NOW));
  expect(scene.sent.at(-1)).toMatchObject({
    labels: scene.sent[0]?.labels,
    annotations: { summary: "Backup did not report in time" },
    endsAt: new Date(NOW).toISOString(),
  });
  expect(scene.firing).toEqual([]);
});

test("down alerts - a pause ends one, the first ping of a check does not concern anybody", async () => {
  const scene = new Scene();
  await scene.alerts.take(checkOf("up"), flip("up", NOW, "new"));
  expect(scene.sent).toEqual([]);
  scene.alerts.watch(checkOf("down"));
  await scene.alerts.take(checkOf("down"), flip("down", NOW));
  await scene.alerts.take(checkOf("paused"), flip("paused", NOW));
  expect(scene.firing).toEqual([]);
});

test("down alerts - a check that is removed or called something else while it is down leaves none behind", async () => {
  const scene = new Scene();
  scene.alerts.watch(checkOf("down"));
  await scene.alerts.take(checkOf("down"), flip("down", NOW - MINUTE));
  scene.alerts.watch(checkOf("down", { name: "Nightly" }));
  await expect.poll(() => scene.firing).toEqual(["Nightly"]);
  scene.alerts.forget(ID);
  await expect.poll(() => scene.firing).toEqual([]);
});

test("down alerts - a round tells all again as they were, also after a restart", async () => {
  const scene = new Scene();
  scene.alerts.watch(checkOf("down"));
  await scene.alerts.take(checkOf("down"), flip("down", NOW - MINUTE));
  const [first] = scene.sent;
  scene.nowMs += 10 * MINUTE;
  await scene.alerts.tellAll();
  expect(scene.sent[1]).toEqual({ ...first, endsAt: expect.any(String) });
  const restarted = new Scene();
  restarted.alerts.watch(checkOf("down"));
  await restarted.alerts.tellAll();
  expect(restarted.firing).toEqual(["Backup"]);
  expect(restarted.sent[0]?.annotations["output"]).toBe("the end of the log");
  restarted.alerts.watch(checkOf("up"));
  await restarted.alerts.tellAll();
  expect(restarted.firing).toEqual([]);
});

test("down alerts - what the stream refuses is not told, and whoever hands it over hears of it", async () => {
  const scene = new Scene();
  scene.isRefusing = true;
  scene.alerts.watch(checkOf("down"));
  await expect(scene.alerts.take(checkOf("down"), flip("down", NOW))).rejects.toThrow("full");
  scene.isRefusing = false;
  await scene.alerts.take(checkOf("down"), flip("down", NOW));
  expect(scene.firing).toEqual(["Backup"]);
});

test("down alerts - those of many checks at once travel in few messages", async () => {
  const messages: number[] = [];
  const sender = new AlertSender(async (message) => {
    const { alerts }: AlertEventsMessage = JSON.parse(message);
    messages.push(alerts.length);
  });
  const event = { labels: {}, annotations: {}, startsAt: "", endsAt: "", generatorURL: "" };
  await sender.sendAll(Array.from({ length: 1000 }, () => event));
  expect(messages).toEqual([256, 256, 256, 232]);
});
