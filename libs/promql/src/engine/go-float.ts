import { formatFloat } from "@monotreme/model";

/** Go's `%g`, or `%.<digits>g`: the exponent form below 1e-4 and from 1e6 on, or beyond as many digits as are wanted. */
export function formatGoFloat(value: number, digits?: number): string {
  if (!Number.isFinite(value) || value === 0) return formatFloat(value);
  const [mantissa = "", exponentText = ""] = value
    .toExponential(digits === undefined ? undefined : digits - 1)
    .split("e");
  const exponent = Number(exponentText);
  const shortest = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  const limit = digits ?? SHORTEST_LIMIT;
  if (exponent >= -4 && exponent < limit) return String(Number(`${shortest}e${exponent}`));
  const sign = exponent < 0 ? "-" : "+";
  return `${shortest}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** From this exponent on Go's shortest form is the exponent form. */
const SHORTEST_LIMIT = 6;
