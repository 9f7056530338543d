import type { IndexRequest } from "@monotreme/storage";
import { ParameterError, type RequestParameters } from "./request-parameters.ts";
import type { LanguageOptions } from "../execution/query-limits.ts";

/** What `match[]`, `start`, `end` and `limit` ask of the index; without times all of it. */
export function indexRequestOf(
  parameters: RequestParameters,
  language: LanguageOptions,
  signal: AbortSignal,
): IndexRequest {
  const fromMs = parameters.timeMs("start", -Infinity);
  const untilMs = parameters.timeMs("end", Infinity);
  if (untilMs < fromMs) throw ParameterError.of("end", "end timestamp must not be before start time");
  return {
    fromMs,
    untilMs,
    limit: parameters.limit(),
    matcherSets: parameters.matcherSets(language.parser),
    signal,
  };
}
