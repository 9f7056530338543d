import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { formatFloat, Labels, parseFloatGo } from "@monotreme/model";
import { z } from "zod";
import type { ActiveAlert } from "../evaluation/active-alert.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Shorter values are kept as they are. */
const COMPRESS_FROM_BYTES = 4096;
/** A value beyond this is none of ours. */
const MAX_DECODED_BYTES = 256 * 2 ** 20;
const GZIP_MAGIC = 0x1f;

/** Pairs, because a label may have a name that objects treat differently. */
const texts = z.array(z.tuple([z.string(), z.string()]));
const instant = z.number().exactOptional();

const storedAlerts = z.object({
  alerts: z.array(
    z.object({
      labels: texts,
      annotations: texts,
      state: z.enum(["inactive", "pending", "firing"]),
      // As text, because JSON has no NaN and no infinities.
      value: z.string(),
      activeAtMs: z.number(),
      firedAtMs: instant,
      keepFiringSinceMs: instant,
      resolvedAtMs: instant,
      lastSentAtMs: instant,
    }),
  ),
});

/** The alerts of one rule as they stand in the bucket. */
export async function encodeAlerts(alerts: readonly ActiveAlert[]): Promise<Uint8Array> {
  const stored = alerts.map((alert) => ({
    ...alert,
    labels: [...alert.labels],
    annotations: [...alert.annotations],
    value: formatFloat(alert.value),
  }));
  const bytes = Buffer.from(JSON.stringify({ alerts: stored }));
  return bytes.length < COMPRESS_FROM_BYTES ? bytes : compress(bytes);
}

/** Throws where the bytes are not what {@link encodeAlerts} made. */
export async function decodeAlerts(data: Uint8Array): Promise<readonly ActiveAlert[]> {
  const isCompressed = data[0] === GZIP_MAGIC;
  const bytes = isCompressed ? await decompress(data, { maxOutputLength: MAX_DECODED_BYTES }) : Buffer.from(data);
  return storedAlerts.parse(JSON.parse(bytes.toString())).alerts.map((stored) => ({
    labels: Labels.fromEntries(stored.labels),
    annotations: Labels.fromEntries(stored.annotations),
    state: stored.state,
    value: parseFloatGo(stored.value) ?? Number.NaN,
    activeAtMs: stored.activeAtMs,
    firedAtMs: stored.firedAtMs,
    keepFiringSinceMs: stored.keepFiringSinceMs,
    resolvedAtMs: stored.resolvedAtMs,
    lastSentAtMs: stored.lastSentAtMs,
  }));
}

/** Equal for alerts whose state is the same; values and annotations, which every evaluation renews, do not count. */
export function stateSignature(alerts: readonly ActiveAlert[]): string {
  return alerts
    .map((alert) => {
      const { labels, state, activeAtMs, firedAtMs, keepFiringSinceMs, resolvedAtMs, lastSentAtMs } = alert;
      return JSON.stringify([labels.key, state, activeAtMs, firedAtMs, keepFiringSinceMs, resolvedAtMs, lastSentAtMs]);
    })
    .join("\n");
}
