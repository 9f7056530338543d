import type { DeliveryFailureReason } from "@monotreme/receivers";

const REASONS: readonly DeliveryFailureReason[] = [
  "clientError",
  "serverError",
  "authError",
  "rateLimited",
  "contextCanceled",
  "contextDeadlineExceeded",
  "other",
];

export interface Failure {
  readonly reason: DeliveryFailureReason;
  readonly message: string;
}

/** A failure as the one text that the queue keeps of it. */
export function failureText({ reason, message }: Failure): string {
  return `${reason}: ${message}`;
}

/** What {@link failureText} made; texts of others (a job that nobody finished) have the reason `other`. */
export function failureFrom(text: string): Failure {
  const reason = REASONS.find((one) => text.startsWith(`${one}: `));
  if (reason === undefined) return { reason: "other", message: text };
  return { reason, message: text.slice(reason.length + 2) };
}
