import type { AlertEvent } from "@monotreme/contracts";
import { Labels } from "@monotreme/model";
import type { RelabelRules } from "@monotreme/relabel";
import type { ActiveAlert } from "../evaluation/active-alert.ts";

/** A firing alert counts as resolved after so many intervals without news of it. */
const VALID_INTERVALS = 4;

export interface AlertEventOptions {
  readonly tsMs: number;
  readonly intervalMs: number;
  readonly resendDelayMs: number;
  /** The rule's expression, printed. */
  readonly expr: string;
  readonly externalUrl: string;
}

/** An alert as Alertmanagers take it. */
export function alertEvent(alert: ActiveAlert, options: AlertEventOptions): AlertEvent {
  const { tsMs, intervalMs, resendDelayMs, expr, externalUrl } = options;
  const validUntilMs = tsMs + VALID_INTERVALS * Math.max(intervalMs, resendDelayMs);
  return {
    labels: alert.labels.toObject(),
    annotations: alert.annotations.toObject(),
    startsAt: new Date(alert.firedAtMs ?? alert.activeAtMs).toISOString(),
    endsAt: new Date(alert.resolvedAtMs ?? validUntilMs).toISOString(),
    generatorURL: `${externalUrl}${tableLink(expr)}`,
  };
}

/** The path that shows an expression as a table in upstream's UI. */
export function tableLink(expr: string): string {
  return `/graph?g0.expr=${queryEscape(expr)}&g0.tab=1`;
}

/** As Go's `url.QueryEscape`, byte for byte. */
function queryEscape(text: string): string {
  const escaped = encodeURIComponent(Buffer.from(text).toString());
  return escaped
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

/** External labels where an alert has none of that name, then the relabelling of all alerts; dropped ones are left out. */
export function relabelEvents(
  events: readonly AlertEvent[],
  externalLabels: Readonly<Record<string, string>>,
  rules: RelabelRules,
): readonly AlertEvent[] {
  return events.flatMap((event) => {
    const labels = rules.apply(Labels.fromObject({ ...externalLabels, ...event.labels }));
    return labels === undefined || labels.size === 0 ? [] : [{ ...event, labels: labels.toObject() }];
  });
}
