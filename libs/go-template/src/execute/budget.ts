import type { TemplateLimits } from "../limits.ts";
import { TemplateLimitError } from "../template-error.ts";

/** Counts what one execution uses, nested templates included, and ends it at the limits. */
export class Budget {
  readonly limits: TemplateLimits;
  #steps = 0;

  constructor(limits: TemplateLimits) {
    this.limits = limits;
  }

  step(): void {
    if (++this.#steps > this.limits.maxSteps) {
      throw new TemplateLimitError(`the template takes more than ${this.limits.maxSteps} steps`);
    }
  }

  checkLength(length: number): void {
    if (length > this.limits.maxOutputLength) {
      throw new TemplateLimitError(`the template makes more than ${this.limits.maxOutputLength} characters of text`);
    }
  }
}
