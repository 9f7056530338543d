import type { Alert } from "../alerts/alert.ts";
import { type SilenceRequest, UNTIL_RESOLVED_ANNOTATION } from "./silence.ts";

export interface Acknowledgement {
  readonly createdBy: string;
  readonly comment: string;
  /** The latest end, should the alert never be resolved. */
  readonly untilMs: number;
}

/** A silence of exactly this alert that ends as soon as the alert is resolved. */
export function acknowledge(
  alert: Alert,
  { createdBy, comment, untilMs }: Acknowledgement,
  nowMs: number,
): SilenceRequest {
  return {
    matchers: Object.entries(alert.labels).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true })),
    startsAtMs: nowMs,
    endsAtMs: untilMs,
    createdBy,
    comment,
    annotations: { [UNTIL_RESOLVED_ANNOTATION]: "true" },
  };
}
