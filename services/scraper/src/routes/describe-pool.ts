import type { RelabelStep, ScrapePoolPart, ScrapePoolQuestion } from "@monotreme/contracts";
import { Labels } from "@monotreme/model";
import type { ScrapeConfig } from "@monotreme/prometheus-config";
import { compileRelabelConfigs, type RelabelConfig } from "@monotreme/relabel";
import type { ScrapePool } from "../scrape/scrape-pool.ts";

/** Well below the size limit of a message; only thousands of static targets come to more. */
const MAX_YAML_LENGTH = 400_000;

/** A pool's configuration, and what its relabelling makes of the labels asked about; no more than a name for a stranger. */
export function describePool(
  replica: string,
  pools: Iterable<ScrapePool>,
  { scrapePool, labels }: ScrapePoolQuestion,
): ScrapePoolPart {
  const pool = [...pools].find(({ config }) => config.jobName === scrapePool);
  if (pool === undefined) return { replica };
  if (labels === undefined) return { replica, yaml: yamlOf(pool.config) };
  return { replica, steps: relabelSteps(Labels.fromObject(labels), pool.config) };
}

/** The labels after each rule of a job, in the order of the rules; a target once dropped stays so. */
export function relabelSteps(labels: Labels, config: ScrapeConfig): RelabelStep[] {
  let current: Labels | undefined = labels;
  return config.relabelConfigs.map((rule) => {
    const rules = compileRelabelConfigs([rule], config.metricNameValidationScheme);
    current = current === undefined ? undefined : rules.apply(current);
    return { rule: describeRule(rule), output: current?.toObject() ?? {}, keep: current !== undefined };
  });
}

/** As upstream writes rules in JSON: what is empty is left out. */
function describeRule(rule: RelabelConfig): RelabelStep["rule"] {
  const { sourceLabels, separator, regex, modulus, targetLabel, replacement, action } = rule;
  return {
    ...(sourceLabels.length === 0 ? {} : { sourceLabels }),
    ...(separator === "" ? {} : { separator }),
    ...(regex === "" ? {} : { regex }),
    ...(modulus === 0 ? {} : { modulus }),
    ...(targetLabel === "" ? {} : { targetLabel }),
    ...(replacement === "" ? {} : { replacement }),
    action,
  };
}

function yamlOf(config: ScrapeConfig): string {
  const yaml = config.renderConfig();
  return yaml.length <= MAX_YAML_LENGTH ? yaml : `${yaml.slice(0, MAX_YAML_LENGTH)}\n# cut short\n`;
}
