import type { Alert } from "../alerts/alert.ts";
import { fingerprintOf } from "../alerts/fingerprint.ts";
import type { Silence } from "./silence.ts";

/** The alert by which people hear that a silence ends soon, routed as any other; it ends with the silence. */
export function endsSoonAlert(silence: Silence, externalUrl: string, nowMs: number): Alert {
  const labels = { alertname: "SilenceEndsSoon", created_by: silence.createdBy || "unknown", silence: silence.id };
  const matchers = silence.matchers.map(({ name, value, isRegex, isEqual }) => {
    const operator = `${isEqual ? "=" : "!"}${isRegex ? "~" : isEqual ? "" : "="}`;
    return `${name}${operator}${JSON.stringify(value)}`;
  });
  return {
    fingerprint: fingerprintOf(labels),
    labels,
    annotations: {
      summary: `The silence of ${matchers.join(", ")} ends at ${new Date(silence.endsAtMs).toISOString()}`,
      description: silence.comment,
    },
    startsAtMs: nowMs,
    endsAtMs: silence.endsAtMs,
    updatedAtMs: nowMs,
    generatorUrl: `${externalUrl}/#/silences/${silence.id}`,
    isTimeout: false,
  };
}
