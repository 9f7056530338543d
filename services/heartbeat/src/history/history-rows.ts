import { isUtf8 } from "node:buffer";
import type { NativeColumn } from "@monotreme/clickhouse";
import type { PingRecord } from "@monotreme/contracts";
import { z } from "zod";
import type { FlipRecord } from "./flip-record.ts";
import type { LoggedPing } from "./history-reader.ts";

/** What stands for a number that is not there. */
const NONE = -1;

/** The columns of `heartbeat_pings`. */
export function pingColumns(pings: readonly PingRecord[]): NativeColumn[] {
  const areTexts = pings.map(({ body }) => isUtf8(body));
  return [
    texts("check_id", pings, ({ checkId }) => checkId),
    texts("project", pings, ({ project }) => project),
    int64("at", pings, ({ atMs }) => atMs),
    int64("number", pings, ({ number }) => number),
    texts("type", pings, ({ type }) => type),
    texts("scheme", pings, ({ scheme }) => scheme),
    texts("remote_address", pings, ({ remoteAddress }) => remoteAddress),
    texts("method", pings, ({ method }) => method),
    texts("user_agent", pings, ({ userAgent }) => userAgent),
    texts("run_id", pings, ({ runId }) => runId ?? ""),
    fixed(
      "exit_status",
      "Int32",
      Int32Array.from(pings, ({ exitStatus }) => exitStatus ?? NONE),
    ),
    int64("duration", pings, ({ durationMs }) => durationMs ?? NONE),
    fixed(
      "body_bytes",
      "UInt32",
      Uint32Array.from(pings, ({ body }) => body.length),
    ),
    fixed(
      "is_binary",
      "Bool",
      Uint8Array.from(areTexts, (isText) => (isText ? 0 : 1)),
    ),
    texts("body", pings, ({ body: { buffer, byteOffset, byteLength } }, i) =>
      Buffer.from(buffer, byteOffset, byteLength).toString(areTexts[i] === true ? "utf8" : "latin1"),
    ),
  ];
}

/** The columns of `heartbeat_flips`. */
export function flipColumns(flips: readonly FlipRecord[]): NativeColumn[] {
  return [
    texts("check_id", flips, ({ checkId }) => checkId),
    texts("project", flips, ({ project }) => project),
    int64("at", flips, ({ atMs }) => atMs),
    texts("from_status", flips, ({ from }) => from),
    texts("to_status", flips, ({ to }) => to),
    texts("reason", flips, ({ reason }) => reason),
  ];
}

function texts<R>(name: string, rows: readonly R[], of: (row: R, i: number) => string): NativeColumn {
  return { name, type: "String", values: rows.map(of) };
}

function int64<R>(name: string, rows: readonly R[], of: (row: R) => number): NativeColumn {
  return fixed(
    name,
    "Int64",
    BigInt64Array.from(rows, (row) => BigInt(Math.trunc(of(row)))),
  );
}

function fixed(name: string, type: "Int32" | "Int64" | "UInt32" | "Bool", values: NodeJS.TypedArray): NativeColumn {
  return { name, type, chunks: [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)] };
}

const whole = z.string().transform(Number);
const optionalNumber = (value: number): number | undefined => (value === NONE ? undefined : value);

/** A row of `heartbeat_pings` without its body. */
export const pingRowSchema = z
  .object({
    check_id: z.string(),
    project: z.string(),
    at: whole,
    number: whole,
    type: z.enum(["success", "fail", "start", "log", "ign"]),
    scheme: z.string(),
    remote_address: z.string(),
    method: z.string(),
    user_agent: z.string(),
    run_id: z.string(),
    exit_status: z.number(),
    duration: whole,
    body_bytes: z.number(),
  })
  .transform(
    (row): LoggedPing => ({
      checkId: row.check_id,
      project: row.project,
      atMs: row.at,
      number: row.number,
      type: row.type,
      scheme: row.scheme,
      remoteAddress: row.remote_address,
      method: row.method,
      userAgent: row.user_agent,
      runId: row.run_id === "" ? undefined : row.run_id,
      exitStatus: optionalNumber(row.exit_status),
      durationMs: optionalNumber(row.duration),
      bodyBytes: row.body_bytes,
    }),
  );

/** The columns that `pingRowSchema` reads. */
export const PING_COLUMNS =
  "check_id, project, at, number, type, scheme, remote_address, method, user_agent, run_id, exit_status, duration, body_bytes";

export const bodyRowSchema = z
  .object({ body: z.string(), is_binary: z.boolean() })
  .transform(({ body, is_binary: isBinary }): Uint8Array => Buffer.from(body, isBinary ? "latin1" : "utf8"));

export const newestRowSchema = z
  .object({ number: whole, exit_status: z.number() })
  .transform(({ number, exit_status: exitStatus }) => ({ number, exitStatus: optionalNumber(exitStatus) }));

const status = z.enum(["new", "up", "down", "paused"]);

export const flipRowSchema = z
  .object({
    check_id: z.string(),
    project: z.string(),
    at: whole,
    from_status: status,
    to_status: status,
    reason: z.enum(["", "fail", "timeout"]),
  })
  .transform(
    (row): FlipRecord => ({
      checkId: row.check_id,
      project: row.project,
      atMs: row.at,
      from: row.from_status,
      to: row.to_status,
      reason: row.reason,
    }),
  );
