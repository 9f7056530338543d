import { list, withDefault } from "@monotreme/prometheus-config";
import type { InhibitRule } from "../inhibition/inhibit-rule.ts";
import { sortMatchers } from "../matchers/label-matcher.ts";
import type { MatcherParser } from "../matchers/matcher-parser.ts";
import { optionalText } from "./field-kinds.ts";
import { labelNameIn, matcherList, matcherRecord } from "./matcher-sections.ts";
import { type Decoded, structure } from "./structure.ts";

/** The schema of one inhibition. */
export function inhibitSection(parser: MatcherParser) {
  const matchers = withDefault(matcherList(parser), []);
  return structure({
    name: "inhibit_rule",
    fields: {
      name: optionalText,
      source_match: withDefault(matcherRecord("=", "source_matchers"), []),
      source_match_re: withDefault(matcherRecord("=~", "source_matchers"), []),
      source_matchers: matchers,
      target_match: withDefault(matcherRecord("=", "target_matchers"), []),
      target_match_re: withDefault(matcherRecord("=~", "target_matchers"), []),
      target_matchers: matchers,
      equal: withDefault(list(labelNameIn(parser, "equal list"), "label names"), []),
    },
  });
}

/** An inhibition as the file has it. */
export type InhibitSection = Decoded<ReturnType<typeof inhibitSection>>;

/** An inhibition with the old and the new forms of matchers joined. */
export function inhibitRuleFrom(section: InhibitSection): InhibitRule {
  return {
    name: section.name,
    sourceMatchers: sortMatchers([...section.sourceMatch, ...section.sourceMatchRe, ...section.sourceMatchers]),
    targetMatchers: sortMatchers([...section.targetMatch, ...section.targetMatchRe, ...section.targetMatchers]),
    equal: section.equal,
  };
}
