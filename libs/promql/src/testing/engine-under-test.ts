import { Engine } from "../engine/engine.ts";
import { parseExpression } from "../parser/parse-expression.ts";
import type { RunQuery } from "./run-script.ts";

/** Prometheus' own scripts expect that this much is enough. */
const MAX_SAMPLES = 10_000;

/** Our engine with the settings that Prometheus' test scripts assume: everything experimental on. */
export function runOnEngine(): RunQuery {
  const engine = new Engine({
    lookbackMs: 300_000,
    defaultSubqueryStepMs: 60_000,
    delayedNameRemoval: true,
    useStartTimestamps: true,
    maxSamples: MAX_SAMPLES,
    maxAnnotations: 0,
  });
  return async (source, query, range) => {
    const expression = parseExpression(query, {
      experimentalFunctions: true,
      durationExpressions: true,
      extendedRangeSelectors: true,
      binopFillModifiers: true,
    });
    return engine.query(source, expression, range, { text: query });
  };
}
