import { z } from "zod";
import type { LogEntry } from "./notification-log.ts";

const stateSchema = z.object({
  sentAtMs: z.number(),
  flushMs: z.number(),
  firing: z.string(),
  resolved: z.string(),
  /** Of what is open only that which is not in `firing`. */
  heldBack: z.string(),
  // A record of zod's leaves out what is called `__proto__`.
  receiverData: z.custom<Readonly<Record<string, string>>>(isTextByName),
});

const entrySchema = z.object({
  groupKey: z.string(),
  receiver: z.string(),
  integration: z.string(),
  integrationIndex: z.number(),
  expiresAtMs: z.number(),
  state: stateSchema.optional(),
  sending: z.object({ flushMs: z.number(), holder: z.string() }).optional(),
});

/** The value of an entry in its bucket: JSON, fingerprints packed so that 50,000 of them fit into a message. */
export function encodeLogEntry({ key, state, sending, expiresAtMs }: LogEntry): string {
  const packed =
    state === undefined
      ? undefined
      : {
          ...state,
          firing: pack(state.firing),
          resolved: pack(state.resolved),
          heldBack: pack(state.open, state.firing),
          open: undefined,
        };
  return JSON.stringify({ ...key, expiresAtMs, state: packed, sending });
}

/** Undefined for bytes that are no entry of ours. */
export function decodeLogEntry(bytes: Uint8Array): LogEntry | undefined {
  const result = entrySchema.safeParse(parse(bytes));
  if (!result.success) return undefined;
  const { groupKey, receiver, integration, integrationIndex, expiresAtMs, state, sending } = result.data;
  const key = { groupKey, receiver, integration, integrationIndex };
  if (state === undefined) return { key, state, sending, expiresAtMs };
  const firing = unpack(state.firing);
  const { sentAtMs, flushMs, receiverData } = state;
  const open = new Set([...firing, ...unpack(state.heldBack)]);
  return {
    key,
    state: { sentAtMs, flushMs, firing, resolved: unpack(state.resolved), open, receiverData },
    sending,
    expiresAtMs,
  };
}

function isTextByName(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === "string");
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function pack(fingerprints: ReadonlySet<string>, without?: ReadonlySet<string>): string {
  const all = without === undefined ? [...fingerprints] : [...fingerprints].filter((one) => !without.has(one));
  return Buffer.from(all.join(""), "hex").toString("base64");
}

function unpack(packed: string): Set<string> {
  const digits = Buffer.from(packed, "base64").toString("hex");
  const fingerprints = new Set<string>();
  for (let at = 0; at + 16 <= digits.length; at += 16) fingerprints.add(digits.slice(at, at + 16));
  return fingerprints;
}
