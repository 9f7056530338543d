import { expect, test } from "vitest";
import type { CheckDefinition } from "../checks/check.ts";
import { alertLabels } from "./check-alert.ts";
import { endOf } from "./last-words.ts";

const definitionOf = (tags: readonly string[], name = "Backup"): CheckDefinition => ({
  id: "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278",
  project: "p",
  name,
  slug: "backup",
  tags,
  description: "",
  schedule: { kind: "simple", periodMs: 60_000 },
  graceMs: 60_000,
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
});

const OWN = {
  alertname: "HeartbeatDown",
  check: "Backup",
  slug: "backup",
  project: "servers",
};

test.each<[tags: readonly string[], more: Record<string, string>]>([
  [[], { severity: "critical" }],
  [["prod", "db"], { severity: "critical", tags: "prod db" }],
  [
    ["severity=warning", "team:storage"],
    { severity: "warning", team: "storage", tags: "severity=warning team:storage" },
  ],
  [
    ["alertname=x", "unique_key=y", "__name__=z", "a-b=c", "x="],
    { severity: "critical", tags: "alertname=x unique_key=y __name__=z a-b=c x=" },
  ],
])("alert - tags %j", (tags, more) => {
  const { unique_key: key, ...labels } = alertLabels(definitionOf(tags), "servers");
  expect(labels).toEqual({ ...OWN, ...more });
  expect(key).toMatch(/^[0-9a-f]{40}$/);
});

test("alert - a check without a name goes by its slug", () => {
  expect(alertLabels(definitionOf([], ""), "")).toMatchObject({ check: "backup" });
  expect(alertLabels(definitionOf([], ""), "")).not.toHaveProperty("project");
});

test.each<[what: string, body: Uint8Array, expected: string]>([
  ["a short body", Buffer.from("all\twell\r\n"), "all\twell"],
  ["a long one", Buffer.from(`${"x".repeat(5000)}end`), `…${"x".repeat(997)}end`],
  ["one cut within a character", Buffer.from(`${"x".repeat(10)}${"€".repeat(500)}`), `…${"€".repeat(333)}`],
  ["bytes that are no text", Uint8Array.of(0x61, 0xff, 0x00, 0x1b, 0x62), "a�b"],
  ["nothing", new Uint8Array(), ""],
])("last words - of %s", (_what, body, expected) => {
  expect(endOf(body)).toBe(expected);
});
