import type { CheckDefinition, PingFilters } from "../checks/check.ts";
import type { PingAction } from "../checks/transitions.ts";

/** What of a ping the filters look at. */
export interface FilteredPing {
  /** What its address says. */
  readonly action: PingAction;
  readonly method: string;
  readonly body: Uint8Array;
}

/**
 * What an HTTP ping counts as: nothing where its method is not taken, else what the check's keywords say where they look
 * at bodies, else what its address says.
 */
export function filterPing({ action, method, body }: FilteredPing, definition: CheckDefinition): PingAction {
  if (definition.postOnly && method !== "POST") return "ign";
  if (!definition.filters.httpBody) return action;
  return actionByKeywords(Buffer.from(body).toString("utf8"), definition.filters);
}

/** Failure words count before success words, and those before start words. */
export function actionByKeywords(text: string, filters: PingFilters): PingAction {
  const has = (words: readonly string[]): boolean => words.some((word) => text.includes(word));
  if (has(filters.failureKeywords)) return "fail";
  if (has(filters.successKeywords)) return "success";
  if (has(filters.startKeywords)) return "start";
  return filters.defaultFail ? "fail" : "ign";
}
