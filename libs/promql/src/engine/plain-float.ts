import { formatFloat } from "@monotreme/model";

/** A float without an exponent, whatever its size: Go's `FormatFloat(v, 'f', -1, 64)`. */
export function formatPlainFloat(value: number): string {
  const text = formatFloat(value);
  const exponentAt = text.indexOf("e");
  if (exponentAt < 0) return text;
  const exponent = Number(text.slice(exponentAt + 1));
  const sign = text.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = text.slice(sign.length, exponentAt).split(".");
  const digits = whole + fraction;
  const pointAt = whole.length + exponent;
  if (pointAt <= 0) return `${sign}0.${"0".repeat(-pointAt)}${digits}`;
  return `${sign}${digits.padEnd(pointAt, "0")}`;
}
