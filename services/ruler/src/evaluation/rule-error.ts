import { AppError } from "@monotreme/errors";

/** A rule that could not be evaluated; it keeps its last state and says why in `/api/v1/rules`. */
export class RuleEvaluationError extends AppError {
  constructor(message: string) {
    super("RULE_EVALUATION_FAILED", "limit", message);
  }
}
