import { isLegacyLabelName } from "@monotreme/model";
import type { Alert, LabelSet } from "./alert.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** An alert as a sender gives it; a time that is undefined was not given. */
export interface PostedAlert {
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAtMs: number | undefined;
  readonly endsAtMs: number | undefined;
  readonly generatorUrl: string;
}

export interface PostedAlertsOptions {
  readonly nowMs: number;
  /** `global.resolve_timeout`. */
  readonly resolveTimeoutMs: number;
  /** With the feature `classic-mode` only the names that Prometheus always allowed. */
  readonly isClassicMode: boolean;
}

export interface PostedAlertsResult {
  readonly alerts: readonly Alert[];
  /** Why the others were refused, one an alert. */
  readonly errors: readonly string[];
}

/** Fills in the times that are missing and sets aside what is no alert; the good ones count even where others fail. */
export function alertsFromPosted(posted: readonly PostedAlert[], options: PostedAlertsOptions): PostedAlertsResult {
  const alerts: Alert[] = [];
  const errors: string[] = [];
  for (const one of posted) {
    const alert = complete(one, options);
    const fault = faultOf(alert, options.isClassicMode);
    if (fault === undefined) alerts.push(alert);
    else errors.push(fault);
  }
  return { alerts, errors };
}

function complete(posted: PostedAlert, { nowMs, resolveTimeoutMs }: PostedAlertsOptions): Alert {
  const labels = withoutEmpty(posted.labels);
  const { endsAtMs } = posted;
  return {
    fingerprint: fingerprintOf(labels),
    labels,
    annotations: wellFormed(posted.annotations),
    startsAtMs: posted.startsAtMs ?? endsAtMs ?? nowMs,
    endsAtMs: endsAtMs ?? nowMs + resolveTimeoutMs,
    updatedAtMs: nowMs,
    generatorUrl: posted.generatorUrl,
    isTimeout: endsAtMs === undefined,
  };
}

function faultOf(alert: Alert, isClassicMode: boolean): string | undefined {
  if (alert.startsAtMs > alert.endsAtMs) return "start time must be before end time";
  const names = Object.keys(alert.labels);
  if (names.length === 0) return "at least one label pair required";
  const badLabel = names.find((name) => !isName(name, isClassicMode));
  if (badLabel !== undefined) return `invalid label set: invalid name ${JSON.stringify(badLabel)}`;
  const badAnnotation = Object.keys(alert.annotations).find((name) => !isName(name, isClassicMode));
  if (badAnnotation !== undefined) return `invalid annotations: invalid name ${JSON.stringify(badAnnotation)}`;
  return undefined;
}

function isName(name: string, isClassicMode: boolean): boolean {
  return isClassicMode ? isLegacyLabelName(name) : name !== "";
}

function withoutEmpty(labels: LabelSet): LabelSet {
  return Object.fromEntries(Object.entries(wellFormed(labels)).filter(([, value]) => value !== ""));
}

/** Halves of surrogate pairs would not survive UTF-8, and an alert must keep its identity in the store. */
function wellFormed(labels: LabelSet): LabelSet {
  const entries = Object.entries(labels);
  if (!entries.some(([name, value]) => /[\ud800-\udfff]/.test(name + value))) return labels;
  return Object.fromEntries(entries.map(([name, value]) => [throughUtf8(name), throughUtf8(value)]));
}

function throughUtf8(text: string): string {
  return Buffer.from(text).toString();
}
