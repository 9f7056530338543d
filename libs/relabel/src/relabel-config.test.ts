import { expect, test } from "vitest";
import {
  DEFAULT_RELABEL_CONFIG,
  type NameValidationScheme,
  type RelabelConfig,
  validateRelabelConfig,
} from "./relabel-config.ts";

function accepts(config: Partial<RelabelConfig>, scheme: NameValidationScheme = "utf8"): void {
  test(`relabel config - accepts ${JSON.stringify(config)} (${scheme})`, () => {
    expect(validateRelabelConfig({ ...DEFAULT_RELABEL_CONFIG, ...config }, scheme)).toBeUndefined();
  });
}

function refuses(config: Partial<RelabelConfig>, message: RegExp, scheme: NameValidationScheme = "utf8"): void {
  test(`relabel config - refuses ${JSON.stringify(config)} (${scheme})`, () => {
    expect(validateRelabelConfig({ ...DEFAULT_RELABEL_CONFIG, ...config }, scheme)).toMatch(message);
  });
}

accepts({ targetLabel: "a" });
accepts({ targetLabel: "my.label" });
accepts({ targetLabel: "${1}_x" }, "legacy");
accepts({ targetLabel: "${1}${2}" }, "legacy");
accepts({ action: "keep", regex: "a|b" });
accepts({ action: "hashmod", targetLabel: "a", modulus: 4 });
accepts({ action: "labelmap", regex: "x_(.+)" });
accepts({ action: "labeldrop", regex: "x" });
accepts({ action: "keepequal", sourceLabels: ["a"], targetLabel: "b" });
accepts({ action: "uppercase", sourceLabels: ["a"], targetLabel: "b" });
refuses({}, /replace needs a target_label/);
refuses({ regex: "a(?!b)", targetLabel: "a" }, /regex .* cannot be compiled/);
refuses({ targetLabel: "a-b" }, /target_label "a-b" is not a label name/, "legacy");
refuses({ targetLabel: "${1}-x" }, /is not a label name/, "legacy");
refuses({ targetLabel: "\ud800" }, /is not a label name/);
refuses({ action: "hashmod", targetLabel: "a" }, /hashmod needs a modulus above 0/);
refuses({ action: "hashmod", targetLabel: "a", modulus: -1 }, /modulus must be a whole number/);
refuses({ action: "hashmod", modulus: 4 }, /hashmod needs a target_label/);
refuses({ action: "hashmod", targetLabel: "$1", modulus: 4 }, /target_label "\$1" is not a label name/, "legacy");
refuses({ action: "lowercase", targetLabel: "a", replacement: "x" }, /lowercase takes no replacement/);
refuses({ action: "labelmap", replacement: "" }, /replacement "" is not a label name/);
refuses({ action: "labelmap", replacement: "a-$1" }, /replacement "a-\$1" is not a label name/, "legacy");
refuses({ action: "keepequal", targetLabel: "a", regex: "x" }, /keepequal takes only source_labels and target_label/);
refuses({ action: "dropequal", targetLabel: "a", separator: "," }, /dropequal takes only/);
refuses({ action: "labeldrop", sourceLabels: ["a"] }, /labeldrop takes only regex/);
refuses({ action: "labelkeep", targetLabel: "a" }, /labelkeep takes only regex/);
