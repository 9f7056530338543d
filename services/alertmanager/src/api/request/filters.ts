import type { LabelMatcher } from "@monotreme/alertmanager-config";
import { messageOf } from "@monotreme/errors";
import type { FastifyRequest } from "@monotreme/http";
import { BadRequestError } from "./api-errors.ts";
import { textsOf } from "./query-parameters.ts";

/** The matchers of the parameter `filter`, or of the one named; each value is one matcher, and all must hold. */
export function readFilter(
  request: FastifyRequest,
  parseMatcher: (text: string) => LabelMatcher,
  name = "filter",
): LabelMatcher[] {
  return textsOf(request, name).map((text) => {
    try {
      return parseMatcher(text);
    } catch (error) {
      throw new BadRequestError(`bad matcher format: ${messageOf(error)}`, error);
    }
  });
}

/** Whether labels satisfy all matchers; a missing label counts as empty. */
export function satisfies(labels: Readonly<Record<string, string>>, matchers: readonly LabelMatcher[]): boolean {
  return matchers.every((matcher) =>
    matcher.matches(Object.hasOwn(labels, matcher.name) ? (labels[matcher.name] ?? "") : ""),
  );
}
