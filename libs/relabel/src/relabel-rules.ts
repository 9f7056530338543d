import { createHash } from "node:crypto";
import { AppError } from "@monotreme/errors";
import type { Labels } from "@monotreme/model";
import { expandTemplate, parseTemplate } from "./expand-template.ts";
import { LabelBuilder } from "./label-builder.ts";
import { lowerCase, upperCase } from "./label-case.ts";
import {
  isValidLabelName,
  type NameValidationScheme,
  type RelabelConfig,
  validateRelabelConfig,
} from "./relabel-config.ts";
import { compileRelabelRegex } from "./relabel-regex.ts";

/** A relabelling step that Prometheus' rules forbid. */
export class RelabelConfigError extends AppError {
  constructor(message: string) {
    super("RELABEL_CONFIG_INVALID", "invalid", message);
  }
}

/** One compiled step: false drops the label set. */
type RelabelStep = (builder: LabelBuilder) => boolean;

/** A compiled list of relabelling steps. It keeps no state between calls. */
export class RelabelRules {
  readonly #steps: readonly RelabelStep[];

  constructor(steps: readonly RelabelStep[]) {
    this.#steps = steps;
  }

  /** Whether there are no steps, so that `apply` gives back what it got. */
  get isIdentity(): boolean {
    return this.#steps.length === 0;
  }

  /** The labels after all steps in order (the same object where no step changed any), or undefined where dropped. */
  apply(labels: Labels): Labels | undefined {
    if (this.#steps.length === 0) return labels;
    const builder = new LabelBuilder(labels);
    for (const step of this.#steps) if (!step(builder)) return undefined;
    return builder.labels();
  }
}

/** Compiles relabelling steps; throws {@link RelabelConfigError} with the step's position for an invalid one. */
export function compileRelabelConfigs(
  configs: readonly RelabelConfig[],
  scheme: NameValidationScheme = "utf8",
): RelabelRules {
  return new RelabelRules(
    configs.map((config, index) => {
      const fault = validateRelabelConfig(config, scheme);
      if (fault !== undefined) throw new RelabelConfigError(`relabelling step ${index + 1}: ${fault}`);
      return compileStep(config, scheme);
    }),
  );
}

function compileStep(config: RelabelConfig, scheme: NameValidationScheme): RelabelStep {
  switch (config.action) {
    case "replace":
      return compileReplace(config, scheme);
    case "keep":
    case "drop":
      return compileFilter(config);
    case "keepequal":
    case "dropequal":
      return compileEqual(config);
    case "hashmod":
      return compileHashmod(config);
    case "labelmap":
      return compileLabelmap(config);
    case "labeldrop":
    case "labelkeep":
      return compileNameFilter(config);
    case "lowercase":
      return compileCase(config, lowerCase);
    case "uppercase":
      return compileCase(config, upperCase);
  }
}

/** Reads the source labels' values, joined; an absent label is empty. */
function compileSource(config: RelabelConfig): (builder: LabelBuilder) => string {
  const { sourceLabels, separator } = config;
  const first = sourceLabels[0];
  if (first === undefined) return () => "";
  if (sourceLabels.length === 1) return (builder) => builder.get(first);
  return (builder) => sourceLabels.map((name) => builder.get(name)).join(separator);
}

function compileReplace(config: RelabelConfig, scheme: NameValidationScheme): RelabelStep {
  const source = compileSource(config);
  const regex = compileRelabelRegex(config.regex);
  const target = parseTemplate(config.targetLabel, regex.groupNames);
  const replacement = parseTemplate(config.replacement, regex.groupNames);
  const fixedTarget = config.targetLabel.includes("$") ? undefined : config.targetLabel;
  return (builder) => {
    const groups = regex.match(source(builder));
    if (groups === undefined) return true;
    const name = fixedTarget ?? expandTemplate(target, groups);
    if (fixedTarget !== undefined || isValidLabelName(name, scheme)) {
      builder.set(name, expandTemplate(replacement, groups));
    }
    return true;
  };
}

function compileFilter(config: RelabelConfig): RelabelStep {
  const source = compileSource(config);
  const regex = compileRelabelRegex(config.regex);
  const wanted = config.action === "keep";
  return (builder) => regex.test(source(builder)) === wanted;
}

function compileEqual(config: RelabelConfig): RelabelStep {
  const source = compileSource(config);
  const wanted = config.action === "keepequal";
  return (builder) => (builder.get(config.targetLabel) === source(builder)) === wanted;
}

function compileHashmod(config: RelabelConfig): RelabelStep {
  const source = compileSource(config);
  const modulus = BigInt(config.modulus);
  return (builder) => {
    const hash = createHash("md5").update(source(builder)).digest().readBigUInt64BE(8);
    builder.set(config.targetLabel, String(hash % modulus));
    return true;
  };
}

function compileLabelmap(config: RelabelConfig): RelabelStep {
  const regex = compileRelabelRegex(config.regex);
  const replacement = parseTemplate(config.replacement, regex.groupNames);
  return (builder) => {
    for (const [name, value] of builder.entries()) {
      const groups = regex.match(name);
      if (groups !== undefined) builder.set(expandTemplate(replacement, groups), value);
    }
    return true;
  };
}

function compileNameFilter(config: RelabelConfig): RelabelStep {
  const regex = compileRelabelRegex(config.regex);
  const dropped = config.action === "labeldrop";
  return (builder) => {
    for (const [name] of builder.entries()) if (regex.test(name) === dropped) builder.delete(name);
    return true;
  };
}

function compileCase(config: RelabelConfig, convert: (text: string) => string): RelabelStep {
  const source = compileSource(config);
  return (builder) => {
    builder.set(config.targetLabel, convert(source(builder)));
    return true;
  };
}
