import type { LabelMatcher } from "@monotreme/alertmanager-config";
import { type Silence, type SilenceMatcher, type SilenceState, silenceStateAt } from "./silence.ts";

export interface SilenceSelection {
  /** A silence is shown where it has each of these matchers, word for word. */
  readonly filter: readonly LabelMatcher[];
  readonly states: ReadonlySet<SilenceState>;
}

/** The silences to show: active ones by their end, then pending ones by their start, then expired ones, latest first. */
export function selectSilences(silences: readonly Silence[], selection: SilenceSelection, nowMs: number): Silence[] {
  const byState: Record<SilenceState, Silence[]> = { active: [], pending: [], expired: [] };
  for (const silence of silences) {
    const state = silenceStateAt(silence, nowMs);
    if (!selection.states.has(state)) continue;
    if (selection.filter.every((wanted) => silence.matchers.some((matcher) => isSame(matcher, wanted)))) {
      byState[state].push(silence);
    }
  }
  const { active, pending, expired } = byState;
  active.sort((left, right) => left.endsAtMs - right.endsAtMs || compareIds(left, right));
  pending.sort((left, right) => left.startsAtMs - right.startsAtMs || compareIds(left, right));
  expired.sort((left, right) => right.endsAtMs - left.endsAtMs || compareIds(left, right));
  return [...active, ...pending, ...expired];
}

function isSame(matcher: SilenceMatcher, { operator, name, value }: LabelMatcher): boolean {
  const isRegex = operator === "=~" || operator === "!~";
  const isEqual = operator === "=" || operator === "=~";
  return matcher.name === name && matcher.value === value && matcher.isRegex === isRegex && matcher.isEqual === isEqual;
}

function compareIds(left: Silence, right: Silence): number {
  return left.id < right.id ? -1 : 1;
}
