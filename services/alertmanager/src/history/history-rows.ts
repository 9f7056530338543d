import type { NativeColumn } from "@monotreme/clickhouse";
import { z } from "zod";
import type { AlertRecord } from "./history.ts";
import type { NotificationRecord } from "./history-events.ts";

/** The columns of `alert_history`. */
export function alertColumns(records: readonly AlertRecord[]): NativeColumn[] {
  return [
    int64("at", records, ({ atMs }) => atMs),
    texts("change", records, ({ change }) => change),
    texts("fingerprint", records, ({ fingerprint }) => fingerprint),
    maps("labels", records, ({ labels }) => labels),
    maps("annotations", records, ({ annotations }) => annotations),
    int64("starts_at", records, ({ startsAtMs }) => startsAtMs),
    texts("generator_url", records, ({ generatorUrl }) => generatorUrl),
  ];
}

/** The columns of `notification_history`. */
export function notificationColumns(records: readonly NotificationRecord[]): NativeColumn[] {
  return [
    int64("at", records, ({ atMs }) => atMs),
    texts("outcome", records, ({ outcome }) => outcome),
    texts("group_key", records, ({ groupKey }) => groupKey),
    texts("receiver", records, ({ receiver }) => receiver),
    texts("integration", records, ({ integration }) => integration),
    uint32("integration_index", records, ({ integrationIndex }) => integrationIndex),
    texts("reason", records, ({ notificationReason }) => notificationReason),
    int64("flush", records, ({ flushMs }) => flushMs),
    uint32("attempts", records, ({ attempts }) => attempts),
    { name: "firing", type: "Array(String)", values: records.map(({ firing }) => firing) },
    { name: "resolved", type: "Array(String)", values: records.map(({ resolved }) => resolved) },
    maps("group_labels", records, ({ groupLabels }) => groupLabels),
    texts("error", records, ({ error }) => error),
  ];
}

function int64<R>(name: string, records: readonly R[], of: (record: R) => number): NativeColumn {
  const values = BigInt64Array.from(records, (record) => BigInt(Math.trunc(of(record))));
  return { name, type: "Int64", chunks: [new Uint8Array(values.buffer)] };
}

function uint32<R>(name: string, records: readonly R[], of: (record: R) => number): NativeColumn {
  return { name, type: "UInt32", chunks: [new Uint8Array(Uint32Array.from(records, of).buffer)] };
}

function texts<R>(name: string, records: readonly R[], of: (record: R) => string): NativeColumn {
  return { name, type: "String", values: records.map(of) };
}

function maps<R>(
  name: string,
  records: readonly R[],
  of: (record: R) => Readonly<Record<string, string>>,
): NativeColumn {
  return { name, type: "Map(String, String)", values: records.map((record) => Object.entries(of(record)).flat()) };
}

const instant = z.string().transform(Number);
const labels = z.record(z.string(), z.string());

export const alertRowSchema = z
  .object({
    at: instant,
    change: z.enum(["firing", "resolved"]),
    fingerprint: z.string(),
    labels,
    annotations: labels,
    starts_at: instant,
    generator_url: z.string(),
  })
  .transform(
    (row): AlertRecord => ({
      atMs: row.at,
      change: row.change,
      fingerprint: row.fingerprint,
      labels: row.labels,
      annotations: row.annotations,
      startsAtMs: row.starts_at,
      generatorUrl: row.generator_url,
    }),
  );

export const notificationRowSchema = z
  .object({
    at: instant,
    outcome: z.enum(["sent", "failed"]),
    group_key: z.string(),
    receiver: z.string(),
    integration: z.string(),
    integration_index: z.number(),
    reason: z.string(),
    flush: instant,
    attempts: z.number(),
    firing: z.array(z.string()),
    resolved: z.array(z.string()),
    group_labels: labels,
    error: z.string(),
  })
  .transform(
    (row): NotificationRecord => ({
      atMs: row.at,
      outcome: row.outcome,
      groupKey: row.group_key,
      receiver: row.receiver,
      integration: row.integration,
      integrationIndex: row.integration_index,
      notificationReason: row.reason,
      flushMs: row.flush,
      attempts: row.attempts,
      firing: row.firing,
      resolved: row.resolved,
      groupLabels: row.group_labels,
      error: row.error,
    }),
  );
