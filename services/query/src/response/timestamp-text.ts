/** Unix seconds with at most three decimals. */
export function timestampText(timestampMs: number): string {
  const wholeMs = Math.round(timestampMs);
  const rest = Math.abs(wholeMs % 1000);
  const seconds = Math.trunc(wholeMs / 1000);
  if (rest === 0) return String(seconds === 0 ? 0 : seconds);
  const sign = wholeMs < 0 && seconds === 0 ? "-" : "";
  return `${sign}${seconds}.${String(rest).padStart(3, "0").replace(/0+$/, "")}`;
}
