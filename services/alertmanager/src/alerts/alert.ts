/** Names and values of labels or annotations. Read with {@link labelOf}: a name may be that of an inherited property. */
export type LabelSet = Readonly<Record<string, string>>;

/** One alert as it is kept; instants are epoch milliseconds. */
export interface Alert {
  /** FNV-1a over the labels, 16 hexadecimal digits: the identity of the alert. */
  readonly fingerprint: string;
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAtMs: number;
  /** From this moment on it is resolved, unless it is sent again. */
  readonly endsAtMs: number;
  readonly updatedAtMs: number;
  readonly generatorUrl: string;
  /** The end is `resolve_timeout` after the last time it was sent, because the sender named none. */
  readonly isTimeout: boolean;
}

export function isResolvedAt(alert: Alert, nowMs: number): boolean {
  return alert.endsAtMs <= nowMs;
}

/** A label's value, the empty one where it is missing. */
export function labelOf(labels: LabelSet, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? "") : "";
}

/** For values that come from outside. */
export function isLabelSet(value: unknown): value is LabelSet {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === "string");
}
