import { messageOf } from "@monotreme/errors";
import { isLegacyLabelName } from "@monotreme/model";
import { type ConfigNode, list, record, type Schema, text } from "@monotreme/prometheus-config";
import { createLabelMatcher } from "../matchers/create-label-matcher.ts";
import { type LabelMatcher, type MatchOperator, sortMatchers } from "../matchers/label-matcher.ts";
import type { MatcherParser } from "../matchers/matcher-parser.ts";

/** A list whose items hold one matcher or several each. */
export function matcherList(parser: MatcherParser): Schema<readonly LabelMatcher[]> {
  const line: Schema<readonly LabelMatcher[]> = {
    decode: (node) => {
      if (node.text === undefined) return text.decode(node) === undefined ? undefined : [];
      return attempt(node, () => parser.parseMatchers(node.text ?? "", (warning) => node.warn(warning)));
    },
    render: (matchers) => matchers.map(String),
  };
  const lines = list(line, "matchers");
  return {
    decode: (node) => {
      const decoded = lines.decode(node);
      return decoded && sortMatchers(decoded.flat());
    },
    render: (matchers) => matchers.map(String),
  };
}

/** The old form: values, or patterns, by label name. Deprecated, which is said. */
export function matcherRecord(operator: MatchOperator, instead: string): Schema<readonly LabelMatcher[]> {
  const entries = record(text, "label values", "");
  return {
    decode: (node) => {
      const values = entries.decode(node);
      if (values === undefined) return undefined;
      node.warn(`deprecated; use ${instead}`);
      const matchers = Object.entries(values).map(([name, value]) => oldMatcher({ node, operator, name, value }));
      return matchers.every((matcher) => matcher !== undefined) ? matchers : undefined;
    },
    render: (matchers) => Object.fromEntries(matchers.map(({ name, value }) => [name, value])),
  };
}

interface OldMatcher {
  readonly node: ConfigNode;
  readonly operator: MatchOperator;
  readonly name: string;
  readonly value: string;
}

function oldMatcher({ node, operator, name, value }: OldMatcher): LabelMatcher | undefined {
  if (!isLegacyLabelName(name)) {
    node.fault(`invalid label name ${JSON.stringify(name)}`);
    return undefined;
  }
  return attempt(node, () => createLabelMatcher(operator, name, value));
}

function attempt<T>(node: ConfigNode, parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    node.fault(messageOf(error));
    return undefined;
  }
}

/** The name of a label, by the rules of the mode; `list` is the field's name in faults. */
export function labelNameIn(parser: MatcherParser, list: string, also?: string): Schema<string> {
  return {
    decode: (node) => {
      const name = text.decode(node);
      if (name === undefined || name === also || parser.isLabelName(name)) return name;
      node.fault(`invalid label name ${JSON.stringify(name)} in ${list}`);
      return undefined;
    },
    render: (name) => name,
  };
}
