import { formatDurationMs, formatFloat } from "@monotreme/model";
import type { DurationExpression } from "../ast.ts";

/** A duration expression as Prometheus writes it; whole milliseconds as a duration, anything finer in seconds. */
export function printDuration(duration: DurationExpression): string {
  switch (duration.kind) {
    case "duration":
      return Number.isSafeInteger(duration.durationMs)
        ? formatDurationMs(duration.durationMs)
        : formatFloat(duration.durationMs / 1000);
    case "step":
    case "range":
      return `${duration.kind}()`;
    case "negate":
      return parenthesise(`-${printDuration(duration.operand)}`, duration.parenthesised);
    case "binary": {
      const left = printDuration(duration.left);
      const right = printDuration(duration.right);
      const { operator } = duration;
      if (operator === "min_of" || operator === "max_of") return `${operator}(${left}, ${right})`;
      return parenthesise(`${left} ${operator} ${right}`, duration.parenthesised);
    }
  }
}

function parenthesise(text: string, isParenthesised: boolean): string {
  return isParenthesised ? `(${text})` : text;
}
