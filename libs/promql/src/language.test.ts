import { expect, test } from "vitest";
import { languageOf, splitFeatures } from "./language.ts";

const OFF = {
  parser: { experimentalFunctions: false, extendedRangeSelectors: false, binopFillModifiers: false },
  delayedNameRemoval: false,
  useStartTimestamps: false,
};

test.each([
  ["", OFF],
  ["exemplar-storage", OFF],
  [
    "promql-experimental-functions, promql-delayed-name-removal",
    { ...OFF, parser: { ...OFF.parser, experimentalFunctions: true }, delayedNameRemoval: true },
  ],
  [
    "promql-binop-fill-modifiers,promql-extended-range-selectors",
    { ...OFF, parser: { ...OFF.parser, extendedRangeSelectors: true, binopFillModifiers: true } },
  ],
  ["use-start-timestamps,use-start-timestamps", { ...OFF, useStartTimestamps: true }],
])("language - features %j", (features, language) => {
  expect(languageOf(splitFeatures(features))).toEqual(language);
});
