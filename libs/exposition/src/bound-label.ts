import { parseSampleFloat } from "./decimal.ts";

/** What the latest TYPE line means for bucket bounds and quantiles: the part of a type that changes how labels read. */
export const TYPE_CONTEXT = { other: 0, histogram: 1, summary: 2 } as const;

export type TypeContext = (typeof TYPE_CONTEXT)[keyof typeof TYPE_CONTEXT];

/**
 * A label's value as Prometheus 3 stores it: `le` of histograms and `quantile` of summaries are rewritten in one form
 * (`1` becomes `1.0`), so that one bucket is one series however its target writes the bound.
 */
export function canonicalLabelValue(context: number, name: string, value: string): string {
  const isBound =
    (context === TYPE_CONTEXT.histogram && name === "le") || (context === TYPE_CONTEXT.summary && name === "quantile");
  const bound = isBound ? parseSampleFloat(value) : undefined;
  return bound === undefined ? value : formatBound(bound);
}

/** OpenMetrics' float: the shortest digits, always with a point or an exponent, the exponent from 1e+06 and 1e-05 on. */
export function formatBound(bound: number): string {
  if (Number.isNaN(bound)) return "NaN";
  if (!Number.isFinite(bound)) return bound > 0 ? "+Inf" : "-Inf";
  if (bound === 0) return Object.is(bound, -0) ? "-0.0" : "0.0";
  const [mantissa = "", exponentText = "0"] = bound.toExponential().split("e");
  const exponent = Number(exponentText);
  // The borders of Go's `%g` with the shortest digits; JavaScript's own are elsewhere.
  if (exponent < -4 || exponent >= 6) {
    const digits = String(Math.abs(exponent)).padStart(2, "0");
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
  }
  const text = String(bound);
  return text.includes(".") ? text : `${text}.0`;
}
