/** What a ping was taken for; `ign` did not count. */
export type PingType = "success" | "fail" | "start" | "log" | "ign";

/** One ping of a check, as it goes into the history. */
export interface PingRecord {
  readonly checkId: string;
  readonly project: string;
  /** The check's pings are numbered from 1. */
  readonly number: number;
  /** Epoch ms. */
  readonly atMs: number;
  readonly type: PingType;
  /** `http`, `https` or `email`. */
  readonly scheme: string;
  readonly remoteAddress: string;
  readonly method: string;
  readonly userAgent: string;
  readonly runId?: string | undefined;
  readonly exitStatus?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly body: Uint8Array;
}

const decoder = new TextDecoder("utf-8", { fatal: true });
const NEW_LINE = 10;

/** A line of JSON and the body as it came. */
export function encodePingRecord({ body, ...fields }: PingRecord): Uint8Array {
  const head = Buffer.from(`${JSON.stringify(fields)}\n`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/** Throws for bytes that are no record. */
export function decodePingRecord(bytes: Uint8Array): PingRecord {
  const end = bytes.indexOf(NEW_LINE);
  const fields: unknown = JSON.parse(decoder.decode(bytes.subarray(0, Math.max(end, 0))));
  if (typeof fields !== "object" || fields === null || !("checkId" in fields) || !("number" in fields)) {
    throw new Error("not a ping");
  }
  return { ...(fields as Omit<PingRecord, "body">), body: bytes.slice(end + 1) };
}
