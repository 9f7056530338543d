import { type Alert, isLabelSet } from "./alert.ts";

const decoder = new TextDecoder();

/** The value of an alert in its bucket: a JSON array, for there are many of them. */
export function encodeAlert(alert: Alert): string {
  const { labels, annotations, startsAtMs, endsAtMs, updatedAtMs, generatorUrl, isTimeout } = alert;
  return JSON.stringify([labels, annotations, startsAtMs, endsAtMs, updatedAtMs, generatorUrl, isTimeout ? 1 : 0]);
}

/** Undefined for bytes that are no alert of ours. */
export function decodeAlert(fingerprint: string, bytes: Uint8Array): Alert | undefined {
  const value = parse(bytes);
  if (!Array.isArray(value)) return undefined;
  const parts: readonly unknown[] = value;
  const [labels, annotations, startsAtMs, endsAtMs, updatedAtMs, generatorUrl, isTimeout] = parts;
  if (!isLabelSet(labels) || !isLabelSet(annotations) || typeof generatorUrl !== "string") return undefined;
  if (!isInstant(startsAtMs) || !isInstant(endsAtMs) || !isInstant(updatedAtMs)) return undefined;
  return {
    fingerprint,
    labels,
    annotations,
    startsAtMs,
    endsAtMs,
    updatedAtMs,
    generatorUrl,
    isTimeout: isTimeout === 1,
  };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}

function isInstant(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
