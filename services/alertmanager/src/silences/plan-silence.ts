import { type Silence, type SilenceMatcher, type SilenceRequest, silenceStateAt } from "./silence.ts";

/** What a request amounts to: the silence to write, and the one that it replaces, ended. */
export interface SilencePlan {
  readonly write: Silence;
  /** Whether `write` changes the silence that the request names; otherwise it is a new one. */
  readonly isUpdate: boolean;
  readonly expire: Silence | undefined;
}

/**
 * A silence whose matchers or past would change is not changed but ended and replaced, so that what it covered stays on
 * record: the same matchers, and for an active one the same start, for a pending one a start that is still to come.
 */
export function planSilence(
  request: SilenceRequest,
  existing: Silence | undefined,
  nowMs: number,
  newId: () => string,
): SilencePlan {
  if (existing !== undefined && canUpdate(existing, request, nowMs)) {
    return { write: { ...request, id: existing.id, updatedAtMs: nowMs }, isUpdate: true, expire: undefined };
  }
  const startsAtMs = Math.max(request.startsAtMs, nowMs);
  return {
    write: { ...request, id: newId(), startsAtMs, updatedAtMs: nowMs },
    isUpdate: false,
    expire: existing === undefined ? undefined : expireSilence(existing, nowMs),
  };
}

/** The silence ended now; undefined where it has ended already. A pending one never was in force. */
export function expireSilence(silence: Silence, nowMs: number): Silence | undefined {
  switch (silenceStateAt(silence, nowMs)) {
    case "active":
      return { ...silence, endsAtMs: nowMs, updatedAtMs: nowMs };
    case "pending":
      return { ...silence, startsAtMs: nowMs, endsAtMs: nowMs, updatedAtMs: nowMs };
    case "expired":
      return undefined;
  }
}

function canUpdate(existing: Silence, request: SilenceRequest, nowMs: number): boolean {
  if (!haveSameMatchers(existing.matchers, request.matchers)) return false;
  switch (silenceStateAt(existing, nowMs)) {
    case "active":
      return secondOf(existing.startsAtMs) === secondOf(request.startsAtMs) && request.endsAtMs >= nowMs;
    case "pending":
      return request.startsAtMs >= nowMs;
    case "expired":
      return false;
  }
}

function secondOf(timestampMs: number): number {
  return Math.floor(timestampMs / 1000);
}

function haveSameMatchers(left: readonly SilenceMatcher[], right: readonly SilenceMatcher[]): boolean {
  return left.length === right.length && left.every((matcher, i) => isSameMatcher(matcher, right[i]));
}

/** Whether two matchers say the same in the same words. */
export function isSameMatcher(left: SilenceMatcher, right: SilenceMatcher | undefined): boolean {
  return (
    right !== undefined &&
    left.name === right.name &&
    left.value === right.value &&
    left.isRegex === right.isRegex &&
    left.isEqual === right.isEqual
  );
}
