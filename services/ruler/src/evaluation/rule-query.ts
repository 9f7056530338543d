import { Labels } from "@monotreme/model";
import type { Engine, SampleSource, VectorSample } from "@monotreme/promql";
import { RuleEvaluationError } from "./rule-error.ts";
import type { RuleExpression } from "./rule-context.ts";
import type { Slots } from "./slots.ts";

export interface RuleQueryOptions {
  readonly engine: Pick<Engine, "query">;
  readonly timeoutMs: number;
  readonly maxSamples: number;
  readonly lookbackMs: number;
  /** How many queries run at one time in this process. */
  readonly slots: Slots;
}

/** Evaluates expressions of rules at an instant, each within the limits. */
export class RuleQueryRunner {
  readonly #options: RuleQueryOptions;

  constructor(options: RuleQueryOptions) {
    this.#options = options;
  }

  /** Rejects as the engine does, and for results that are neither vector nor scalar. */
  async run(
    source: SampleSource,
    { expression, text }: RuleExpression,
    atMs: number,
    signal: AbortSignal,
  ): Promise<readonly VectorSample[]> {
    const { engine, timeoutMs, maxSamples, lookbackMs, slots } = this.#options;
    return slots.run(signal, async () => {
      const limits = {
        maxSamples,
        lookbackMs,
        text,
        deadlineMs: Date.now() + timeoutMs,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      };
      const { value } = await engine.query(source, expression, { startMs: atMs, endMs: atMs, stepMs: 0 }, limits);
      if (value.type === "vector") return value.samples;
      if (value.type === "scalar") return [{ labels: Labels.EMPTY, timestampMs: atMs, value: value.value }];
      throw new RuleEvaluationError("rule result is not a vector or scalar");
    });
  }
}
