import {
  duration,
  list,
  located,
  mapping,
  optional,
  record,
  scalar,
  type Schema,
  text,
  type ValueOf,
  withDefault,
} from "@monotreme/prometheus-config";

const labelValues = record(text, "label values", "");

/** Whole numbers as Go reads them into an int: a fraction is cut off. */
const limit: Schema<number> = scalar({
  expected: "a whole number",
  parse: (value) => {
    const number = /^[+-]?[\d_]+(\.\d*)?([eE]\+?\d+)?$/.test(value)
      ? Math.trunc(Number(value.replaceAll("_", "")))
      : NaN;
    return Number.isSafeInteger(number) ? number : undefined;
  },
});

const ruleFields = {
  record: optional(located(text)),
  alert: optional(located(text)),
  expr: optional(located(text)),
  for: withDefault(duration, 0),
  keep_firing_for: withDefault(duration, 0),
  labels: optional(located(labelValues)),
  annotations: optional(located(labelValues)),
};

export type RuleSection = ValueOf<typeof ruleFields>;

const rule: Schema<RuleSection> = mapping({ name: "a rule", fields: ruleFields });

const groupFields = {
  name: optional(located(text)),
  interval: optional(duration),
  query_offset: optional(duration),
  limit: withDefault(limit, 0),
  labels: optional(located(labelValues)),
  rules: withDefault(list(located(rule), "rules"), []),
};

export type GroupSection = ValueOf<typeof groupFields>;

/** One group of rules, its parts each fine by themselves. */
export const groupSection: Schema<GroupSection> = mapping({ name: "a rule group", fields: groupFields });

/** A whole rule file as written. */
export const ruleFileSection = mapping({
  name: "a rule file",
  fields: { groups: withDefault(list(located(groupSection), "rule groups"), []) },
});
