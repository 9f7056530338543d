import { type Alert, isResolvedAt } from "./alert.ts";

/**
 * What is known after `update` came to what was `known` of the same labels: where their times of activity overlap, one
 * alert with the earliest start and the end that counts more; otherwise the newer of the two. The order in which the
 * two arrived does not matter, only when they were updated.
 */
export function mergeAlerts(known: Alert, update: Alert, nowMs: number): Alert {
  const [older, newer] = update.updatedAtMs < known.updatedAtMs ? [update, known] : [known, update];
  if (!overlaps(older, newer)) return newer;
  const startsAtMs = Math.min(older.startsAtMs, newer.startsAtMs);
  const endsAtMs = isOldEndKept(older, newer, nowMs) ? older.endsAtMs : newer.endsAtMs;
  return { ...newer, startsAtMs, endsAtMs };
}

function overlaps(older: Alert, newer: Alert): boolean {
  const endsWithin = newer.endsAtMs > older.startsAtMs && newer.endsAtMs < older.endsAtMs;
  const startsWithin = newer.startsAtMs > older.startsAtMs && newer.startsAtMs < older.endsAtMs;
  return endsWithin || startsWithin;
}

/** A resolution holds against an announced end, an announced end against a shorter one, a time-out against nothing. */
function isOldEndKept(older: Alert, newer: Alert, nowMs: number): boolean {
  if (older.endsAtMs <= newer.endsAtMs) return false;
  return isResolvedAt(newer, nowMs) ? isResolvedAt(older, nowMs) : !older.isTimeout;
}

/** Whether both say the same, whenever they were said. */
export function isSameAlert(a: Alert, b: Alert): boolean {
  return (
    a.startsAtMs === b.startsAtMs &&
    a.endsAtMs === b.endsAtMs &&
    a.updatedAtMs === b.updatedAtMs &&
    a.isTimeout === b.isTimeout &&
    a.generatorUrl === b.generatorUrl &&
    isSameSet(a.annotations, b.annotations)
  );
}

function isSameSet(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}
