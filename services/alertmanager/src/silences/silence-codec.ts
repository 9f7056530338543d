import { z } from "zod";
import type { Silence } from "./silence.ts";

const matcherSchema = z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean() });

const silenceSchema = z.object({
  id: z.string(),
  matchers: z.array(matcherSchema),
  startsAtMs: z.number(),
  endsAtMs: z.number(),
  updatedAtMs: z.number(),
  createdBy: z.string(),
  comment: z.string(),
  annotations: z.record(z.string(), z.string()),
});

/** The value of a silence in its bucket: JSON. */
export function encodeSilence(silence: Silence): Uint8Array {
  const { id, matchers, startsAtMs, endsAtMs, updatedAtMs, createdBy, comment, annotations } = silence;
  const kept = { id, matchers, startsAtMs, endsAtMs, updatedAtMs, createdBy, comment, annotations };
  return new TextEncoder().encode(JSON.stringify(kept));
}

/** Undefined for bytes that are no silence of ours. */
export function decodeSilence(bytes: Uint8Array): Silence | undefined {
  try {
    const result = silenceSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
