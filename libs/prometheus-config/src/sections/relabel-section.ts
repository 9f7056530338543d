import { DEFAULT_RELABEL_CONFIG, RELABEL_ACTIONS, type RelabelConfig, validateRelabelConfig } from "@monotreme/relabel";
import { list, mapping, type Schema, shownDefault, type ValueOf, withDefault } from "../yaml/schema.ts";
import { count, scalar, text } from "../yaml/scalars.ts";

const fields = {
  source_labels: withDefault(list(text, "label names"), []),
  separator: shownDefault(text, DEFAULT_RELABEL_CONFIG.separator),
  regex: shownDefault(text, DEFAULT_RELABEL_CONFIG.regex),
  modulus: withDefault(count, 0),
  target_label: withDefault(text, ""),
  replacement: shownDefault(text, DEFAULT_RELABEL_CONFIG.replacement),
  action: shownDefault(
    scalar({
      expected: `one of ${RELABEL_ACTIONS.join(", ")}`,
      parse: (value) => RELABEL_ACTIONS.find((action) => action === value.toLowerCase()),
    }),
    DEFAULT_RELABEL_CONFIG.action,
  ),
};

const section = mapping({
  name: "relabel_config",
  fields,
  check: (value, at) => {
    const fault = validateRelabelConfig(relabelFromSection(value));
    if (fault !== undefined) at().fault(fault);
  },
});

const step: Schema<RelabelConfig> = {
  decode: (node) => {
    const value = section.decode(node);
    return value === undefined ? undefined : relabelFromSection(value);
  },
  render: (config, mode) =>
    section.render(
      {
        source_labels: config.sourceLabels,
        separator: config.separator,
        regex: config.regex,
        modulus: config.modulus,
        target_label: config.targetLabel,
        replacement: config.replacement,
        action: config.action,
      },
      mode,
    ),
};

/** A list of relabelling steps, each valid by itself under the scheme for UTF-8 names. */
export const relabelConfigs: Schema<readonly RelabelConfig[]> = list(step, "relabelling steps");

function relabelFromSection(value: ValueOf<typeof fields>): RelabelConfig {
  return {
    sourceLabels: value.source_labels,
    separator: value.separator,
    regex: value.regex,
    modulus: value.modulus,
    targetLabel: value.target_label,
    replacement: value.replacement,
    action: value.action,
  };
}
